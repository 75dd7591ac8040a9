"""Payments of ours whose money moved in QuickBooks, where one of them may be several (R18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from contacts.models import Allocation, Origin, Payment, RecordKind
from integrations.models import InvoiceLink, PaymentLink
from integrations.pulling.payment_shares import (
    Split,
    forget_shares,
    live_invoices,
    paid_invoices,
    split,
    write_shares,
)
from integrations.pulling.snapshots import payment_of
from integrations.pulling.work import Work
from integrations.quickbooks.records import PaymentRecord


def unit_changed(work: Work, link: PaymentLink, record: PaymentRecord) -> bool:
    """Whether the money went elsewhere than before, or reaches an invoice that came in since."""
    base = payment_of(link)
    return (record.amount, record.unapplied, record.applied, record.voided) != (
        base.amount,
        base.unapplied,
        base.applied,
        base.voided,
    ) or bool(paid_invoices(record) & work.arrived_invoices)


def divide_anew(
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
        newest.setdefault(link.payment_id, {})[link.external_id] = payment_of(link)
    for link, record in rows:
        newest[link.payment_id][link.external_id] = record
    everything = [record for parts in newest.values() for record in parts.values()]
    paid = {each for record in everything for each in paid_invoices(record)}
    known = {**live_invoices(work, paid), **invoice_of}
    unsent = {
        payment_id: _not_there_yet(work, payment_id, list(parts.values()))
        for payment_id, parts in newest.items()
    }
    before = set(_shares_of(list(newest)))
    kept = forget_shares(work, list(newest))
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
    write_shares(work, shares)
    # Where only we had moved the money, QuickBooks tells of the payment and not of its invoices.
    work.unsettled_invoices.update(invoice_id for _, invoice_id, _ in before ^ set(shares))
    return divided


def take_parts(work: Work, payment: Payment, links: Collection[PaymentLink]) -> None:
    """Bring a payment of ours to what QuickBooks made of it, now that all its parts are there."""
    records = [payment_of(link) for link in links]
    invoice_of = live_invoices(work, {each for record in records for each in paid_invoices(record)})
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
    for values in divide_anew(work, {payment.pk: payment}, rows, invoice_of).values():
        for name, value in values.items():
            if value != getattr(payment, name):
                work.note_change(
                    RecordKind.PAYMENT, payment.pk, name, getattr(payment, name), value
                )
        Payment.objects.filter(pk=payment.pk).update(**values, updated_at=work.now)


def _shares_of(payment_ids: list[int]) -> QuerySet[Allocation, tuple[int, int, Decimal]]:
    shares = Allocation.objects.filter(payment__in=payment_ids)
    return shares.values_list("payment", "invoice", "amount")


def _not_there_yet(
    work: Work, payment_id: int, parts: Collection[PaymentRecord]
) -> dict[int, Decimal]:
    """The shares of a payment of ours for customers that have no part of it yet."""
    shares = Allocation.objects.filter(payment=payment_id, payment__origin=Origin.CRM)
    sent = InvoiceLink.objects.filter(
        connection=work.connection, customer_id__in=[part.customer_id for part in parts]
    )
    return dict(shares.exclude(invoice__in=sent.values("invoice")).values_list("invoice", "amount"))
