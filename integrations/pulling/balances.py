"""What linked invoices owe while payments of theirs are on their way (R18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from django.db.models import Q

from contacts.models import Allocation, Invoice, RecordKind
from integrations import bulk
from integrations.models import InvoiceLink, OutboxEntry, PaymentLink, Reason, SetAside
from integrations.outbox import DEPENDENCY
from integrations.pulling.credited import reckon_credited
from integrations.pulling.freshness import newest_of_each
from integrations.pulling.snapshots import invoice_of
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord

#: By invoice: what payments here take off it and QuickBooks does not know of yet.
OnTheirWay = Mapping[int, Decimal]

_NOTHING: Final = Decimal(0)
#: One that waits for a person may never go: until then the balance is QuickBooks'.
_GOING: Final = ~Q(state=OutboxEntry.State.HELD) | Q(held_cause=DEPENDENCY)


def reckon_balances(work: Work) -> None:
    """Bring the balances that are not settled to QuickBooks', for our total, less what goes there;
    and reckon what was credited."""
    if work.unsettled_invoices:
        _write(work, on_their_way(work))
        work.unsettled_invoices.clear()
    reckon_credited(work)


def on_their_way(work: Work) -> OnTheirWay:
    """What the payments in the outbox change, as they are here against what is there of them."""
    entries = OutboxEntry.objects.filter(_GOING, connection=work.connection)
    going = list(entries.filter(kind=RecordKind.PAYMENT).values_list("record_id", flat=True))
    less: dict[int, Decimal] = defaultdict(Decimal)
    if not going:
        return less
    shares = Allocation.objects.filter(payment__in=going)
    for invoice_id, amount in shares.values_list("invoice", "amount"):
        less[invoice_id] += amount
    there = _applied_there(work, going)
    links = InvoiceLink.objects.filter(connection=work.connection, external_id__in=there)
    for external_id, invoice_id in links.values_list("external_id", "invoice"):
        less[invoice_id] -= there[external_id]
    return less


def _applied_there(work: Work, going: list[int]) -> dict[str, Decimal]:
    """By the invoice's id there, of the newest version of each part."""
    applied: dict[str, Decimal] = defaultdict(Decimal)
    for record in newest_of_each(_parts_there(work, going)):
        for each in () if record.voided else record.applied:
            if each.txn_type == InvoiceRecord.entity:
                applied[each.invoice_id] += each.amount
    return applied


def _parts_there(work: Work, going: list[int]) -> Iterator[PaymentRecord]:
    """What was just made there may be ours and have no link yet.

    A push may settle in this very moment and link what a pull had parked: it is then seen in both
    places, and in one of them for certain only if what is parked was read first.
    """
    maybe_ours = SetAside.objects.filter(
        connection=work.connection, kind=PaymentRecord.entity, reason=Reason.CREATE_UNDER_WAY
    )
    links = PaymentLink.objects.filter(connection=work.connection, payment__in=going, gone_at=None)
    for kept in (maybe_ours, links):
        for snapshot in kept.values_list("snapshot", flat=True):
            record = read_record(PaymentRecord.entity, snapshot.encode())
            if isinstance(record, PaymentRecord):
                yield record


def _write(work: Work, less: OnTheirWay) -> None:
    rows = []
    links = InvoiceLink.objects.filter(
        connection=work.connection,
        invoice__in=work.unsettled_invoices,
        invoice__voided_at=None,
        frozen_at=None,
        gone_at=None,
    )
    for link in links.select_related("invoice").defer("invoice__words"):
        invoice, there = link.invoice, invoice_of(link)
        owed = there.balance + invoice.total - there.total - less.get(invoice.pk, _NOTHING)
        owed = max(owed, _NOTHING)
        if owed != invoice.balance:
            work.note_change(RecordKind.INVOICE, invoice.pk, "balance", invoice.balance, owed)
            rows.append((invoice.pk, owed))
        work.touched_invoices.add(invoice.pk)
    bulk.update(Invoice, ("id", "balance"), rows)
