"""QuickBooks payments on synced invoices (R18)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from contacts.models import Allocation, Origin, Payment, RecordKind
from integrations import bulk
from integrations.models import InvoiceLink, PaymentLink, Reason, SetAside
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.invoices import links_of_customers
from integrations.pulling.locks import linked
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.snapshots import snapshot_of
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
_HISTORY = ("contact", "date", "amount", "elsewhere", "unapplied", "reference", "voided_at")


@dataclass(frozen=True, slots=True)
class Split:
    """Where a payment's money went: to invoices here, elsewhere, or nowhere yet."""

    to_invoices: tuple[tuple[int, Decimal], ...]
    elsewhere: Decimal

    def without(self, kept: Decimal) -> Split:
        """The same, where a part of what is elsewhere stays on frozen invoices."""
        return Split(self.to_invoices, max(self.elsewhere - kept, Decimal(0)))


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
    links, payments = linked(work, PaymentLink, Payment, "payment", newest)
    asides = Asides(work, PaymentRecord.entity, [record.external_id for record in newest])
    mentioned = {each for record in newest for each in _paid(record)}
    invoice_of = _live_invoices(work, mentioned)
    parked_invoices = _parked_among(work, mentioned - invoice_of.keys())
    changed, new, parked, elsewhere = [], [], [], []
    for record in newest:
        link = links.get(record.external_id)
        waits_for = sorted(_paid(record) & parked_invoices)
        if link is not None:
            # An invoice that came in after its payment changes where the money went.
            news = is_newer(record, link) or _paid(record) & work.arrived_invoices
            if link.frozen_at is None and link.gone_at is None and news:
                changed.append((link, record))
            else:
                work.tally.unchanged += 1
        elif asides.is_unwanted(record.external_id):
            parked.append(Aside(record, Reason.NOT_WANTED, record.reference))
        elif split(record, invoice_of).to_invoices:
            new.append(record)
        elif waits_for:
            parked.append(
                Aside(record, Reason.INVOICE_MISSING, record.reference, waits_for=waits_for[0])
            )
        else:
            elsewhere.append(record)
    asides.put(parked)
    _change(work, payments, changed, invoice_of)
    _create(work, new, invoice_of)
    settled = [*new, *elsewhere, *(record for _, record in changed)]
    asides.let_in([record.external_id for record in settled])


def waiting(work: Work) -> list[PaymentRecord]:
    """The payments, parked or partly *elsewhere*, on invoices that came in on this page."""
    if not work.arrived_invoices:
        return []
    ids = "|".join(re.escape(each) for each in sorted(work.arrived_invoices))
    mentions = {"connection": work.connection, "snapshot__regex": f'"TxnId" *: *"({ids})"'}
    parked = SetAside.objects.filter(
        **mentions, kind=PaymentRecord.entity, reason=Reason.INVOICE_MISSING
    )
    partly = PaymentLink.objects.filter(**mentions, payment__elsewhere__gt=0, frozen_at=None)
    found = [
        read_record(PaymentRecord.entity, snapshot.encode())
        for kept in (parked, partly)
        for snapshot in kept.values_list("snapshot", flat=True)
    ]
    return [
        record
        for record in found
        if isinstance(record, PaymentRecord) and _paid(record) & work.arrived_invoices
    ]


def _paid(record: PaymentRecord) -> set[str]:
    """The invoices that it pays, by their ids there."""
    return {
        applied.invoice_id for applied in record.applied if applied.txn_type == InvoiceRecord.entity
    }


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
    moved = [row for row in rows if _unit_changed(work, *row)]
    divided = _divide_anew(work, payments, moved, invoice_of)
    with_live_parts = _with_live_parts(work, rows)
    updates = []
    for link, record in rows:
        payment = payments[link.payment_id]
        customer = customers.get(record.customer_id)
        contact_id = customer.contact_id if customer else payment.contact_id
        base = record_of(link)
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
    return {link.payment_id for link in others if not record_of(link).voided}


def _unit_changed(work: Work, link: PaymentLink, record: PaymentRecord) -> bool:
    """Whether the money went elsewhere than before, or reaches an invoice that came in since."""
    base = record_of(link)
    return (record.amount, record.unapplied, record.applied, record.voided) != (
        base.amount,
        base.unapplied,
        base.applied,
        base.voided,
    ) or bool(_paid(record) & work.arrived_invoices)


def _divide_anew(
    work: Work,
    payments: Mapping[int, Payment],
    rows: list[tuple[PaymentLink, PaymentRecord]],
    invoice_of: Mapping[str, int],
) -> dict[int, dict[str, Any]]:
    """Write the shares of payments whose money moved; their amounts, by payment.

    A payment of ours may be several there (R18): the others count as they were last seen, and
    what is not there yet stays as it is here.
    """
    if not rows:
        return {}
    newest: dict[int, dict[str, PaymentRecord]] = {}
    links = PaymentLink.objects.filter(
        connection=work.connection,
        payment__in=[link.payment_id for link, _ in rows],
        gone_at=None,
    )
    for link in links:
        newest.setdefault(link.payment_id, {})[link.external_id] = record_of(link)
    for link, record in rows:
        newest[link.payment_id][link.external_id] = record
    everything = [record for parts in newest.values() for record in parts.values()]
    known = {**_live_invoices(work, {each for r in everything for each in _paid(r)}), **invoice_of}
    unsent = {
        payment_id: _not_there_yet(work, payment_id, list(parts.values()))
        for payment_id, parts in newest.items()
    }
    kept = _forget_shares(work, list(newest))
    divided: dict[int, dict[str, Any]] = {}
    shares: list[tuple[int, int, Decimal]] = []
    for payment_id, parts in newest.items():
        live = [record for record in parts.values() if not record.voided]
        splits = [split(record, known) for record in live]
        waiting = unsent[payment_id] if live and not payments[payment_id].voided_at else {}
        there = sum((each.elsewhere for each in splits), Decimal(0))
        elsewhere = Split((), there).without(kept.get(payment_id, Decimal(0))).elsewhere
        if not live:
            # A void payment keeps what it was and pays for nothing.
            was = payments[payment_id]
            divided[payment_id] = {
                "amount": was.amount,
                "unapplied": was.unapplied,
                "elsewhere": was.elsewhere,
            }
            continue
        divided[payment_id] = {
            "amount": sum((r.amount for r in live), sum(waiting.values(), Decimal(0))),
            "unapplied": sum((r.unapplied for r in live), Decimal(0)),
            "elsewhere": elsewhere,
        }
        if not payments[payment_id].voided_at:
            to_invoices = dict(waiting)
            for each in splits:
                for invoice_id, amount in each.to_invoices:
                    to_invoices[invoice_id] = to_invoices.get(invoice_id, Decimal(0)) + amount
            shares += [(payment_id, *share) for share in to_invoices.items()]
    _write_shares(work, shares)
    return divided


def _not_there_yet(
    work: Work, payment_id: int, parts: Collection[PaymentRecord]
) -> dict[int, Decimal]:
    """The shares of a payment of ours for customers that have no part of it yet."""
    shares = Allocation.objects.filter(payment=payment_id, payment__origin=Origin.CRM)
    sent = InvoiceLink.objects.filter(
        connection=work.connection, customer_id__in=[part.customer_id for part in parts]
    )
    return dict(shares.exclude(invoice__in=sent.values("invoice")).values_list("invoice", "amount"))


def take_parts(work: Work, payment: Payment, links: Collection[PaymentLink]) -> None:
    """Bring a payment of ours to what QuickBooks made of it, now that all its parts are there."""
    records = [record_of(link) for link in links]
    invoice_of = _live_invoices(work, {each for record in records for each in _paid(record)})
    there: dict[int, Decimal] = {}
    for record in records:
        for invoice_id, amount in split(record, invoice_of).to_invoices:
            there[invoice_id] = there.get(invoice_id, Decimal(0)) + amount
    # Also what it gave to invoices that it pays nothing of there.
    following = InvoiceLink.objects.filter(connection=work.connection, frozen_at=None)
    shares = Allocation.objects.filter(payment=payment, invoice__in=following.values("invoice"))
    here = dict(shares.values_list("invoice", "amount"))
    if here == there:
        return
    rows = list(zip(links, records, strict=True))
    for values in _divide_anew(work, {payment.pk: payment}, rows, invoice_of).values():
        for name, value in values.items():
            if value != getattr(payment, name):
                work.note_change(
                    RecordKind.PAYMENT, payment.pk, name, getattr(payment, name), value
                )
        Payment.objects.filter(pk=payment.pk).update(**values, updated_at=work.now)


def record_of(link: PaymentLink) -> PaymentRecord:
    """The payment as QuickBooks last sent it."""
    return snapshot_of(link, PaymentRecord)


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


def _write_shares(work: Work, shares: list[tuple[int, int, Decimal]]) -> None:
    bulk.insert(Allocation, ("payment", "invoice", "amount"), shares)
    work.touched_invoices.update(invoice_id for _, invoice_id, _ in shares)


def _forget_shares(work: Work, payment_ids: Collection[int]) -> dict[int, Decimal]:
    """Take back what these payments gave to invoices.

    A frozen invoice keeps what it has (R19); returns how much of each payment stays there.
    """
    shares = Allocation.objects.filter(payment__in=payment_ids)
    frozen = Exists(
        InvoiceLink.objects.filter(
            connection=work.connection, invoice=OuterRef("invoice"), frozen_at__isnull=False
        )
    )
    kept: dict[int, Decimal] = {}
    for payment_id, amount in shares.filter(frozen).values_list("payment", "amount"):
        kept[payment_id] = kept.get(payment_id, Decimal(0)) + amount
    gone = shares.exclude(frozen)
    work.touched_invoices.update(gone.values_list("invoice", flat=True))
    gone.delete()
    return kept


def link_part(work: Work, record: PaymentRecord, payment_id: int) -> None:
    """Link the part that was made of a payment of ours."""
    bulk.insert(
        PaymentLink,
        _LINK,
        [
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
        ],
    )
    Asides(work, PaymentRecord.entity, [record.external_id]).let_in([record.external_id])


def forget_payments(work: Work, links: list[PaymentLink], note: str) -> None:
    """A payment that was deleted there is void here, and no longer pays anything (R18)."""
    ids = [link.payment_id for link in links]
    _forget_shares(work, ids)
    Payment.objects.filter(pk__in=ids, voided_at=None).update(voided_at=work.now, void_note=note)
    for payment_id in ids:
        work.note_change(RecordKind.PAYMENT, payment_id, "voided_at", "", work.now, note)
