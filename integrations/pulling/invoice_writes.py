"""Writing pulled invoices and their lines, many in few statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from contacts.models import Invoice, InvoiceLine, Origin, RecordKind
from integrations import bulk
from integrations.models import InvoiceLink
from integrations.pulling import new_links
from integrations.pulling.balances import on_their_way
from integrations.pulling.invoice_differences import inexpressible
from integrations.pulling.invoice_lines import (
    line_contents,
    note_lines,
    same_lines,
    write_lines,
)
from integrations.pulling.set_aside import Asides
from integrations.pulling.snapshots import invoice_of
from integrations.pulling.work import Work
from integrations.quickbooks.records import InvoiceRecord

#: R13: QuickBooks holds classes, tax and links that we cannot express.
READ_ONLY = "This invoice is kept in QuickBooks. Change it there; payments can be recorded here."

_FIELDS = (
    "contact",
    "number",
    "issue_date",
    "due_date",
    "currency",
    "subtotal",
    "discount",
    "tax",
    "total",
    "balance",
    "memo",
    "private_note",
    "voided_at",
    "void_note",
)
_NEW = (
    "id",
    *_FIELDS,
    "credited",
    "terms",
    "origin",
    "sent_at",
    "locked_reason",
    "created_at",
    "updated_at",
)
_LINK = ("invoice", *new_links.FIELDS, "customer_id", "doc_number")
#: The amounts that the lines make.
_UNIT = ("subtotal", "discount", "tax", "total")
#: Never ours to keep, whatever the base says.
_ALWAYS_THEIRS = frozenset({"contact", "balance", "currency"})
_CHANGED = (*_FIELDS, "locked_reason", "discount_percent")


Contacts = Mapping[str, int]


def create(work: Work, records: list[InvoiceRecord], contact_of: Contacts) -> None:
    """Write invoices that have no link yet, with lines and links."""
    if not records:
        return
    ids = bulk.reserve_ids(Invoice, len(records))
    rows, links = [], []
    for invoice_id, record in zip(ids, records, strict=True):
        values = _values(work, record, contact_of[record.customer_id])
        rows.append(
            (
                invoice_id,
                *values.values(),
                Decimal(0),
                "",
                Origin.QUICKBOOKS,
                record.created_at,
                READ_ONLY,
                work.now,
                work.now,
            )
        )
        links.append(_link_row(work, invoice_id, record))
        work.note_created(RecordKind.INVOICE, invoice_id)
        work.touched_invoices.add(invoice_id)
        if record.balance != record.total:
            work.arrived_invoices.add(record.external_id)
        work.applied(record)
    bulk.insert(Invoice, _NEW, rows)
    write_lines(work, list(zip(ids, records, strict=True)))
    bulk.insert(InvoiceLink, _LINK, links)
    work.tally.created += len(records)


def change(
    work: Work,
    invoices: Mapping[int, Invoice],
    rows: list[tuple[InvoiceLink, InvoiceRecord]],
    contact_of: Contacts,
) -> None:
    """Bring linked invoices to QuickBooks' newer version; a void keeps lines and total (R13)."""
    if not rows:
        return
    updates, relined, moving = [], [], on_their_way(work)
    prefetch_related_objects([invoices[link.invoice_id] for link, _ in rows], "lines")
    for link, record in rows:
        invoice = invoices[link.invoice_id]
        contact_id = contact_of.get(record.customer_id, invoice.contact_id)
        changed, takes_lines = _what_changes(work, invoice, link, record, contact_id)
        if record.voided:
            # It stays as it was when it was live, with nothing left to pay.
            changed = {
                n: v for n, v in changed.items() if n in {"balance", "voided_at", "void_note"}
            }
        elif invoice.pk in moving:
            # Reckoned at the end of the page, when its payments are in.
            changed.pop("balance", None)
            work.unsettled_invoices.add(invoice.pk)
        for name in _FIELDS:
            if name in changed:
                work.note_change(
                    RecordKind.INVOICE, invoice.pk, name, _current(invoice, name), changed[name]
                )
        updates.append(
            (invoice.pk, *(changed.get(n, _current(invoice, n)) for n in _CHANGED), work.now)
        )
        if takes_lines:
            relined.append((invoice.pk, record))
            note_lines(work, invoice, link, record)
        work.touched_invoices.add(invoice.pk)
        work.applied(record)
    bulk.update(Invoice, ("id", *_CHANGED, "updated_at"), updates)
    InvoiceLine.objects.filter(invoice__in=[invoice_id for invoice_id, _ in relined]).delete()
    write_lines(work, relined)
    bulk.update(
        InvoiceLink,
        (
            "id",
            "sync_token",
            "remote_updated_at",
            "snapshot",
            "in_step_since",
            "customer_id",
            "doc_number",
        ),
        [
            (link.pk, r.sync_token, r.updated_at, r.raw, work.now, r.customer_id, r.doc_number)
            for link, r in rows
        ],
    )
    work.tally.updated += len(rows)


def link_to(work: Work, record: InvoiceRecord, invoice: Invoice, *, untouched: bool) -> None:
    """Link the invoice that was made of ours: QuickBooks' total and balance count.

    Not those of what was sent if it was edited meanwhile: the edit goes next. Payments that are
    recorded here and not there yet stay taken off the balance.
    """
    bulk.insert(InvoiceLink, _LINK, [_link_row(work, invoice.pk, record)])
    Asides(work, InvoiceRecord.entity, [record.external_id]).let_in([record.external_id])
    values: dict[str, Any] = {"locked_reason": inexpressible(record), "updated_at": work.now}
    if untouched and invoice.voided_at is None:
        values |= {name: getattr(record, name) for name in _UNIT}
        values["due_date"] = invoice.due_date or record.due_date
    Invoice.objects.filter(pk=invoice.pk).update(**values)
    work.touched_invoices.add(invoice.pk)
    work.unsettled_invoices.add(invoice.pk)


def _what_changes(
    work: Work, invoice: Invoice, link: InvoiceLink, record: InvoiceRecord, contact_id: int
) -> tuple[dict[str, Any], bool]:
    """The values to take, and whether the lines are among them.

    Against the base: what did not change there stays as it was edited here. Lines and the
    amounts they make are one unit (design.md).
    """
    values = _values(work, record, contact_id, invoice)
    before = invoice_of(link)
    base = _values(work, before, contact_id, invoice)
    same_unit = _unit(record) == _unit(before) or (
        # What we sent came back: our own lines say it better.
        invoice.origin == Origin.CRM
        and all(getattr(invoice, name) == getattr(record, name) for name in _UNIT)
        and same_lines(work.connection, invoice, record)
    )
    if record.voided or same_unit:
        values |= {name: _current(invoice, name) for name in _UNIT}
    if same_unit and not record.voided:
        # The balance is QuickBooks', for the total that QuickBooks knows.
        values["balance"] = record.balance + invoice.total - record.total
    takes_lines = not (record.voided or same_unit)
    theirs = _ALWAYS_THEIRS.union(_UNIT) if takes_lines else _ALWAYS_THEIRS
    changed = {
        name: value
        for name, value in values.items()
        if value != _current(invoice, name) and (name in theirs or value != base[name])
    }
    if invoice.origin == Origin.CRM and not record.voided:
        changed["locked_reason"] = inexpressible(record)
    if changed.keys() & {"discount", "subtotal"}:
        # QuickBooks keeps an amount; the percentage it was reckoned from may not fit any more.
        changed["discount_percent"] = None
    return changed, takes_lines


def _unit(record: InvoiceRecord) -> tuple[Any, ...]:
    amounts = tuple(getattr(record, name) for name in _UNIT)
    return amounts, line_contents(record)


def _values(
    work: Work, record: InvoiceRecord, contact_id: int, known: Invoice | None = None
) -> dict[str, Any]:
    voided_at: datetime | None = None
    if record.voided:
        voided_at = (known.voided_at if known else None) or work.now
    return {
        "contact": contact_id,
        "number": known.number if known and known.origin == Origin.CRM else record.doc_number,
        "issue_date": record.issue_date,
        "due_date": record.due_date,
        "currency": record.currency or work.connection.home_currency,
        "subtotal": record.subtotal,
        "discount": record.discount,
        "tax": record.tax,
        "total": record.total,
        "balance": Decimal(0) if record.voided else record.balance,
        "memo": record.memo,
        "private_note": record.private_note,
        "voided_at": voided_at,
        "void_note": _void_note(record, known),
    }


def _void_note(record: InvoiceRecord, known: Invoice | None) -> str:
    """Whoever voided it here said why."""
    if not record.voided:
        return ""
    return known.void_note if known and known.voided_at else "Voided in QuickBooks."


def _link_row(work: Work, invoice_id: int, record: InvoiceRecord) -> tuple[Any, ...]:
    return (invoice_id, *new_links.values(work, record), record.customer_id, record.doc_number)


def _current(invoice: Invoice, name: str) -> Any:
    return invoice.contact_id if name == "contact" else getattr(invoice, name)
