"""Dividing money among invoices: how much each may get, and what their balances become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from contacts.models import (
    Allocation,
    Business,
    Contact,
    Invoice,
    Origin,
    Payment,
    RecordKind,
    User,
)
from contacts.services import history
from contacts.services.billing.totals import HIGHEST_AMOUNT, NOTHING

#: Parts of a payment by the id of the invoice that they pay.
Shares = Mapping[int, Decimal]


class PaymentError(Exception):
    """What was asked for is refused and nothing was changed; `str()` says why to a person."""


class NotPayableError(PaymentError):
    """The invoice takes no payments: a draft, a void one, another customer's or currency's."""

    def __init__(self, invoice: Invoice, sentence: str) -> None:
        super().__init__(sentence)
        self.invoice = invoice


class MoreThanOwedError(PaymentError):
    """More would go to an invoice than it owes; a person has to say that this is meant."""

    def __init__(self, invoice: Invoice, asked: Decimal, owed: Decimal) -> None:
        super().__init__(
            f"{invoice} owes {owed:,.2f} {invoice.currency}, less than the {asked:,.2f} entered "
            "for it."
        )
        self.invoice = invoice
        self.owed = owed


class ReadOnlyPaymentError(PaymentError):
    """The payment is void, or partly for something that only QuickBooks holds (R18)."""


def refuse_unpayable(invoice: Invoice, contact: Contact | None = None) -> None:
    """NotPayableError unless it is issued, not void, and `contact`'s where one is given."""
    if invoice.voided_at is not None:
        raise NotPayableError(invoice, f"{invoice} is void, so nothing can be paid for it.")
    if invoice.sent_at is None:
        raise NotPayableError(invoice, "A draft cannot be paid; mark it as sent first.")
    if contact is not None and invoice.contact_id != contact.pk:
        raise NotPayableError(invoice, f"{invoice} is billed to another customer.")


def locked_invoices(
    allocations: Mapping[Invoice, Decimal], also: Iterable[int] = ()
) -> dict[int, Invoice]:
    """The invoices as they are now, locked in one order so that no two payments wait in a ring."""
    ids = {invoice.pk for invoice in allocations} | set(also)
    rows = Invoice.objects.select_for_update().filter(pk__in=ids).order_by("pk").defer("words")
    return {invoice.pk: invoice for invoice in rows}


def one_currency(invoices: Iterable[Invoice]) -> str:
    currencies = {invoice.currency for invoice in invoices}
    if len(currencies) > 1:
        raise PaymentError(
            f"One payment cannot pay invoices in {' and '.join(sorted(currencies))}. Record one "
            "payment for each currency."
        )
    return currencies.pop() if currencies else Business.current().currency


def shares_of(
    wanted: Mapping[Invoice, Decimal],
    owing: Mapping[int, Invoice],
    before: Shares,
    more_than_owed: bool,
) -> dict[int, Decimal]:
    """What each invoice gets, at most what it owes without this payment's former part."""
    shares: dict[int, Decimal] = {}
    for invoice, asked in wanted.items():
        if asked < 0:
            raise PaymentError("A part of a payment cannot be below zero.")
        current = owing[invoice.pk]
        owed = max(current.balance + before.get(invoice.pk, NOTHING), NOTHING)
        if asked > owed and not more_than_owed:
            raise MoreThanOwedError(current, asked, owed)
        if min(asked, owed) > 0:
            shares[invoice.pk] = min(asked, owed)
    return shares


def refuse_amount(amount: Decimal, shares: Shares) -> None:
    if amount <= 0:
        raise PaymentError("Enter an amount above zero.")
    if amount > HIGHEST_AMOUNT:
        raise PaymentError(f"A payment can be at most {HIGHEST_AMOUNT:,} in QuickBooks.")
    divided = sum(shares.values(), NOTHING)
    if divided > amount:
        raise PaymentError(
            f"The parts for the invoices come to {divided:,.2f}, more than the {amount:,.2f} "
            "received."
        )


def write_shares(
    payment: Payment,
    before: Shares,
    shares: Shares,
    owing: Mapping[int, Invoice],
    by: User | None,
) -> None:
    """Replace the payment's parts, and move each invoice's balance by the difference."""
    payment.allocations.all().delete()
    Allocation.objects.bulk_create(
        Allocation(payment=payment, invoice_id=invoice_id, amount=amount)
        for invoice_id, amount in shares.items()
    )
    moved = []
    for invoice_id, invoice in owing.items():
        paid_more = shares.get(invoice_id, NOTHING) - before.get(invoice_id, NOTHING)
        if paid_more and invoice.voided_at is None:
            old, invoice.balance = invoice.balance, invoice.balance - paid_more
            invoice.save(update_fields=["balance", "updated_at"])
            moved.append((invoice_id, {"balance": (old, invoice.balance)}))
    history.record_many(moved, RecordKind.INVOICE, Origin.CRM, by=by, note=str(payment))


def said(shares: Shares, owing: Mapping[int, Invoice]) -> str:
    return ", ".join(f"{amount:,.2f} to {owing[pk]}" for pk, amount in sorted(shares.items()))
