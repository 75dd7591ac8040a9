"""Invoices of ours that QuickBooks has though nothing here knows of it (R16).

A database restored from before they were sent says that they still wait. What came back by its
number is linked, not made a second time; the number was ours to give (R15).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contacts.models import Invoice, Origin, RecordKind
from integrations.models import InvoiceLink
from integrations.pulling import invoice_writes
from integrations.pulling.invoice_differences import differences
from integrations.pulling.work import Work
from integrations.quickbooks.records import InvoiceRecord

#: What makes another invoice of it; anything else may have been edited since.
_UNLIKE: Final = frozenset({"issue_date", "discount", "lines"})
_NOTE: Final = "QuickBooks has this invoice already."


def link_ours(
    work: Work, records: list[InvoiceRecord], contact_of: Mapping[str, int]
) -> list[InvoiceRecord]:
    """Link those that are sent invoices of ours; returns the others, which are new here.

    Number, contact, date, lines and total agree; else a person is asked when it is sent.
    """
    waiting = _waiting(work, {record.doc_number for record in records if record.doc_number})
    others = []
    for record in records:
        invoice = waiting.get(record.doc_number)
        if invoice is None or not _is_it(work, invoice, record, contact_of):
            others.append(record)
            continue
        invoice_writes.link_to(work, record, invoice, untouched=True)
        work.note_change(RecordKind.INVOICE, invoice.pk, "", "", "", _NOTE)
        work.tally.updated += 1
        work.applied(record)
    return others


def _waiting(work: Work, numbers: set[str]) -> dict[str, Invoice]:
    """Sent invoices of ours without a link, by number; their rows stay locked."""
    if not numbers or not work.connection.company.get("custom_numbers"):
        return {}
    linked = InvoiceLink.objects.filter(connection=work.connection).values("invoice")
    rows = (
        Invoice.objects.select_for_update(no_key=True)
        .filter(origin=Origin.CRM, sent_at__isnull=False, voided_at=None, number__in=numbers)
        .exclude(pk__in=linked)
        .order_by("pk")
        .defer("words")
    )
    return {invoice.number: invoice for invoice in rows}


def _is_it(
    work: Work, invoice: Invoice, record: InvoiceRecord, contact_of: Mapping[str, int]
) -> bool:
    return (
        invoice.contact_id == contact_of[record.customer_id]
        and invoice.total == record.total
        and _UNLIKE.isdisjoint(differences(work.connection, invoice, record))
    )
