"""Writing pulled payments and what they pay, many in few statements."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from contacts.models import Origin, Payment, RecordKind
from integrations import bulk
from integrations.models import InvoiceLink, PaymentLink
from integrations.pulling import new_links
from integrations.pulling.invoices import links_of_customers
from integrations.pulling.payment_division import divide_anew, unit_changed
from integrations.pulling.payment_shares import Split, forget_shares, split, write_shares
from integrations.pulling.set_aside import Asides
from integrations.pulling.snapshots import payment_of
from integrations.pulling.work import Work
from integrations.quickbooks.records import PaymentRecord

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
_LINK = ("payment", *new_links.FIELDS, "customer_id")
_HISTORY = ("contact", "date", "amount", "elsewhere", "unapplied", "reference", "voided_at")


def create(work: Work, records: list[PaymentRecord], invoice_of: Mapping[str, int]) -> None:
    if not records:
        return
    contact_of = _payers(work, records, invoice_of)
    ids = bulk.reserve_ids(Payment, len(records))
    rows, links, shares = [], [], []
    for payment_id, record in zip(ids, records, strict=True):
        divided = split(record, invoice_of)
        values = _values(work, record, contact_of[record.external_id], divided)
        rows.append((payment_id, *values.values(), "", Origin.QUICKBOOKS, work.now, work.now))
        links.append(_link_row(work, payment_id, record))
        shares += [(payment_id, *share) for share in divided.to_invoices]
        work.note_created(RecordKind.PAYMENT, payment_id)
        work.applied(record)
    bulk.insert(Payment, _NEW, rows)
    write_shares(work, shares)
    bulk.insert(PaymentLink, _LINK, links)
    work.tally.created += len(records)


def change(
    work: Work,
    payments: Mapping[int, Payment],
    rows: list[tuple[PaymentLink, PaymentRecord]],
    invoice_of: Mapping[str, int],
) -> None:
    """Take what changed there against the base; what did not stays as it was edited here (R10).

    The amount and where it went are one unit.
    """
    if not rows:
        return
    customers = links_of_customers(work, (record.customer_id for _, record in rows))
    moved = [row for row in rows if unit_changed(work, *row)]
    divided = divide_anew(work, payments, moved, invoice_of)
    with_live_parts = _with_live_parts(work, rows)
    updates = []
    for link, record in rows:
        payment = payments[link.payment_id]
        customer = customers.get(record.customer_id)
        contact_id = customer.contact_id if customer else payment.contact_id
        base = payment_of(link)
        values = _values(work, record, contact_id, Split((), Decimal(0)), payment)
        for name in ("date", "reference", "note"):
            if getattr(base, name) == values[name]:
                values[name] = getattr(payment, name)
        values |= divided.get(payment.pk) or {
            name: getattr(payment, name) for name in ("amount", "unapplied", "elsewhere")
        }
        if record.voided and payment.pk in with_live_parts:
            values |= {"voided_at": None, "void_note": ""}
        if payment.voided_at and not record.voided and not base.voided:
            # Voided here, which QuickBooks does not know yet.
            values |= {"voided_at": payment.voided_at, "void_note": payment.void_note}
        for name in _HISTORY:
            old = payment.contact_id if name == "contact" else getattr(payment, name)
            if values[name] != old:
                work.note_change(RecordKind.PAYMENT, payment.pk, name, old, values[name])
        updates.append((payment.pk, *values.values(), work.now))
        work.applied(record)
    bulk.update(Payment, ("id", *_FIELDS, "updated_at"), updates)
    bulk.update(
        PaymentLink,
        ("id", "sync_token", "remote_updated_at", "snapshot", "in_step_since", "customer_id"),
        [(link.pk, r.sync_token, r.updated_at, r.raw, work.now, r.customer_id) for link, r in rows],
    )
    work.tally.updated += len(rows)


def link_part(work: Work, record: PaymentRecord, payment_id: int) -> None:
    """Link the part that was made of a payment of ours."""
    bulk.insert(PaymentLink, _LINK, [_link_row(work, payment_id, record)])
    Asides(work, PaymentRecord.entity, [record.external_id]).let_in([record.external_id])


def forget_payments(work: Work, links: list[PaymentLink], note: str) -> None:
    """A payment that was deleted there is void here, and no longer pays anything (R18)."""
    ids = [link.payment_id for link in links]
    forget_shares(work, ids)
    Payment.objects.filter(pk__in=ids, voided_at=None).update(voided_at=work.now, void_note=note)
    for payment_id in ids:
        work.note_change(RecordKind.PAYMENT, payment_id, "voided_at", "", work.now, note)


def _with_live_parts(work: Work, rows: list[tuple[PaymentLink, PaymentRecord]]) -> set[int]:
    """The payments of which another part than these is not void there."""
    void = [(link, record) for link, record in rows if record.voided]
    if not void:
        return set()
    others = PaymentLink.objects.filter(
        connection=work.connection,
        payment__in=[link.payment_id for link, _ in void],
        gone_at=None,
    ).exclude(pk__in=[link.pk for link, _ in void])
    return {link.payment_id for link in others if not payment_of(link).voided}


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
    customers = links_of_customers(work, (record.customer_id for record in records))
    contact_of = {each: customer.contact_id for each, customer in customers.items()}
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


def _link_row(work: Work, payment_id: int, record: PaymentRecord) -> tuple[Any, ...]:
    return (payment_id, *new_links.values(work, record), record.customer_id)
