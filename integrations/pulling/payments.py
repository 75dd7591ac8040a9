"""QuickBooks payments on synced invoices (R18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contacts.models import Allocation, Origin, Payment, RecordKind
from integrations import bulk
from integrations.models import InvoiceLink, PaymentLink, Reason, SetAside
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.invoices import contacts_of_customers
from integrations.pulling.set_aside import Aside, let_in, put_aside, waiting_for
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord

_FIELDS = (
    "contact",
    "date",
    "amount",
    "currency",
    "elsewhere",
    "unapplied",
    "reference",
    "note",
    "voided_at",
    "void_note",
)
_NEW = ("id", *_FIELDS, "method", "origin", "created_at", "updated_at")
_LINK = (
    "connection",
    "payment",
    "external_id",
    "sync_token",
    "remote_created_at",
    "remote_updated_at",
    "snapshot",
    "in_step_since",
    "customer_id",
)
_HISTORY = ("date", "amount", "elsewhere", "unapplied", "reference", "voided_at")


@dataclass(frozen=True, slots=True)
class Split:
    """Where a payment's money went: to invoices here, elsewhere, or nowhere yet."""

    to_invoices: tuple[tuple[int, Decimal], ...]
    elsewhere: Decimal


def split(record: PaymentRecord, invoice_of: Mapping[str, int]) -> Split:
    """Divide what was received. Credits among its lines brought no money of their own.

    A payment of 60 with a credit of 40 settles an invoice of 100: 60 are paid here, and the
    invoice shows the other 40 as credited.
    """
    left = record.amount - record.unapplied
    elsewhere = sum(
        (
            applied.amount
            for applied in record.applied
            if applied.txn_type == "Invoice" and applied.invoice_id not in invoice_of
        ),
        Decimal(0),
    )
    elsewhere = min(elsewhere, left)
    left -= elsewhere
    shares: dict[int, Decimal] = {}
    for applied in record.applied:
        if applied.txn_type == "Invoice" and applied.invoice_id in invoice_of:
            share = min(applied.amount, left)
            left -= share
            if share > 0:
                invoice_id = invoice_of[applied.invoice_id]
                shares[invoice_id] = shares.get(invoice_id, Decimal(0)) + share
    return Split(tuple(shares.items()), elsewhere + left)


def apply_payments(work: Work, records: Iterable[PaymentRecord]) -> None:
    """Apply one page: payments that touch a live synced invoice come in, others are not ours."""
    newest = newest_of_each(records)
    if not newest:
        return
    links = {
        link.external_id: link
        for link in PaymentLink.objects.select_for_update()
        .filter(connection=work.connection, external_id__in=[r.external_id for r in newest])
        .order_by("id")
    }
    mentioned = {
        applied.invoice_id
        for record in newest
        for applied in record.applied
        if applied.txn_type == InvoiceRecord.entity
    }
    invoice_of = _live_invoices(work, mentioned)
    parked_invoices = _parked_among(work, mentioned - invoice_of.keys())
    changed, new, parked = [], [], []
    for record in newest:
        link = links.get(record.external_id)
        ids = [applied.invoice_id for applied in record.applied]
        if link is not None:
            if link.frozen_at is None and link.gone_at is None and is_newer(record, link):
                changed.append((link, record))
            else:
                work.tally.unchanged += 1
        elif split(record, invoice_of).to_invoices:
            new.append(record)
        else:
            parked += [
                Aside(record, Reason.INVOICE_MISSING, record.reference, waits_for=invoice_id)
                for invoice_id in ids
                if invoice_id in parked_invoices
            ][:1]
    put_aside(work, parked)
    _change(work, changed, invoice_of)
    _create(work, new, invoice_of)
    let_in(work, PaymentRecord.entity, [record.external_id for record in new])


def let_in_parked(work: Work, invoice_external_ids: Iterable[str]) -> None:
    """Bring in the payments that waited for invoices which came in on this page."""
    waiting = waiting_for(work, PaymentRecord.entity, list(invoice_external_ids))
    records = [read_record(PaymentRecord.entity, aside.snapshot.encode()) for aside in waiting]
    apply_payments(work, [r for r in records if isinstance(r, PaymentRecord)])


def _live_invoices(work: Work, external_ids: set[str]) -> dict[str, int]:
    """The invoices here that still follow QuickBooks, by their id there."""
    if not external_ids:
        return {}
    return dict(
        InvoiceLink.objects.filter(
            connection=work.connection, external_id__in=external_ids, frozen_at=None
        ).values_list("external_id", "invoice")
    )


def _parked_among(work: Work, external_ids: set[str]) -> set[str]:
    if not external_ids:
        return set()
    return set(
        SetAside.objects.filter(
            connection=work.connection, kind=InvoiceRecord.entity, external_id__in=external_ids
        ).values_list("external_id", flat=True)
    )


def _create(work: Work, records: list[PaymentRecord], invoice_of: Mapping[str, int]) -> None:
    if not records:
        return
    contact_of = _payers(work, records, invoice_of)
    ids = bulk.reserve_ids(Payment, len(records))
    rows, links, shares = [], [], []
    for payment_id, record in zip(ids, records, strict=True):
        divided = split(record, invoice_of)
        values = _values(work, record, contact_of[record.external_id], divided)
        rows.append((payment_id, *values.values(), "", Origin.QUICKBOOKS, work.now, work.now))
        links.append(
            (
                work.connection.pk,
                payment_id,
                record.external_id,
                record.sync_token,
                record.created_at,
                record.updated_at,
                record.raw,
                work.now,
                record.customer_id,
            )
        )
        shares += [(payment_id, *share) for share in divided.to_invoices]
        work.note_created(RecordKind.PAYMENT, payment_id)
        work.applied(record)
    bulk.insert(Payment, _NEW, rows)
    _write_shares(work, shares)
    bulk.insert(PaymentLink, _LINK, links)
    work.tally.created += len(records)


def _change(
    work: Work, rows: list[tuple[PaymentLink, PaymentRecord]], invoice_of: Mapping[str, int]
) -> None:
    if not rows:
        return
    payments = {
        payment.pk: payment
        for payment in Payment.objects.select_for_update()
        .filter(pk__in=[link.payment_id for link, _ in rows])
        .order_by("pk")
    }
    contact_of = contacts_of_customers(work, (record.customer_id for _, record in rows))
    updates, shares = [], []
    for link, record in rows:
        payment = payments[link.payment_id]
        divided = split(record, invoice_of)
        contact_id = contact_of.get(record.customer_id, payment.contact_id)
        values = _values(work, record, contact_id, divided, payment)
        for name in _HISTORY:
            if values[name] != getattr(payment, name):
                old = getattr(payment, name)
                work.note_change(RecordKind.PAYMENT, payment.pk, name, old, values[name])
        updates.append((payment.pk, *values.values(), work.now))
        if not record.voided:
            shares += [(payment.pk, *share) for share in divided.to_invoices]
        work.applied(record)
    _forget_shares(work, list(payments))
    bulk.update(Payment, ("id", *_FIELDS, "updated_at"), updates)
    _write_shares(work, shares)
    bulk.update(
        PaymentLink,
        ("id", "sync_token", "remote_updated_at", "snapshot", "in_step_since", "customer_id"),
        [(link.pk, r.sync_token, r.updated_at, r.raw, work.now, r.customer_id) for link, r in rows],
    )
    work.tally.updated += len(rows)


def _values(
    work: Work,
    record: PaymentRecord,
    contact_id: int,
    divided: Split,
    known: Payment | None = None,
) -> dict[str, Any]:
    voided_at = None
    if record.voided:
        voided_at = (known.voided_at if known else None) or work.now
    return {
        "contact": contact_id,
        "date": record.date,
        "amount": record.amount,
        "currency": record.currency or work.connection.home_currency,
        "elsewhere": divided.elsewhere,
        "unapplied": record.unapplied,
        "reference": record.reference,
        "note": record.note,
        "voided_at": voided_at,
        "void_note": "Voided in QuickBooks." if record.voided else "",
    }


def _payers(
    work: Work, records: list[PaymentRecord], invoice_of: Mapping[str, int]
) -> dict[str, int]:
    """The contact of each payment: its customer's, or its invoice's where a parent paid."""
    contact_of = contacts_of_customers(work, (record.customer_id for record in records))
    by_invoice = dict(
        InvoiceLink.objects.filter(
            connection=work.connection, external_id__in=invoice_of
        ).values_list("invoice", "invoice__contact")
    )
    return {
        record.external_id: contact_of.get(record.customer_id)
        or by_invoice[split(record, invoice_of).to_invoices[0][0]]
        for record in records
    }


def _write_shares(work: Work, shares: list[tuple[int, int, Decimal]]) -> None:
    bulk.insert(Allocation, ("payment", "invoice", "amount"), shares)
    work.touched_invoices.update(invoice_id for _, invoice_id, _ in shares)


def _forget_shares(work: Work, payment_ids: list[int]) -> None:
    gone = Allocation.objects.filter(payment__in=payment_ids)
    work.touched_invoices.update(gone.values_list("invoice", flat=True))
    gone.delete()


def forget_payments(work: Work, links: list[PaymentLink], note: str) -> None:
    """A payment that was deleted there is void here, and no longer pays anything (R18)."""
    ids = [link.payment_id for link in links]
    _forget_shares(work, ids)
    Payment.objects.filter(pk__in=ids, voided_at=None).update(voided_at=work.now, void_note=note)
    for payment_id in ids:
        work.note_change(RecordKind.PAYMENT, payment_id, "voided_at", "", work.now, note)
