"""A payment divided by customer, as QuickBooks keeps it (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from contacts.models import Payment
from integrations.models import InvoiceLink, PaymentLink
from integrations.pulling.snapshots import invoice_of, payment_of
from integrations.quickbooks.records import PaymentRecord

Share = tuple[InvoiceLink, Decimal]
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """What one customer's payment holds: `unapplied` goes along as credit. `link` is None while
    it is not there yet."""

    customer_id: str
    link: PaymentLink | None
    shares: tuple[Share, ...]
    unapplied: Decimal = _NOTHING

    @property
    def amount(self) -> Decimal:
        return sum((amount for _, amount in self.shares), self.unapplied)

    def over(self, known: PaymentRecord | None) -> list[InvoiceLink]:
        """The invoices that have less open than their share, by what was last seen there."""
        return [link for link, amount in self.shares if amount > _room(link, known)]

    def capped(self, known: PaymentRecord | None) -> Part:
        """The same money, with no more applied than is open."""
        shares = [(link, min(amount, _room(link, known))) for link, amount in self.shares]
        left = self.amount - sum((amount for _, amount in shares), _NOTHING)
        return replace(self, shares=tuple(each for each in shares if each[1] > 0), unapplied=left)


def parts_of(payment: Payment, shares: Sequence[Share], links: Sequence[PaymentLink]) -> list[Part]:
    """The parts, those that are there already first; the first one carries what is unapplied.

    A share belongs to the part that pays its invoice already, else to its customer's.
    """
    holder = {applied.invoice_id: link for link in links for applied in payment_of(link).applied}
    alive = [link for link in links if not payment_of(link).voided]
    by_customer = {link.customer_id: link for link in reversed(alive)}
    grouped: dict[tuple[int, str], tuple[PaymentLink | None, list[Share]]] = {}
    for share in shares:
        invoice = share[0]
        link = holder.get(invoice.external_id) or by_customer.get(invoice.customer_id)
        customer_id = link.customer_id if link else invoice.customer_id
        key = (0, str(link.pk)) if link else (1, customer_id)
        grouped.setdefault(key, (link, []))[1].append(share)
    parts = [
        Part(link.customer_id if link else key[1], link, tuple(mine))
        for key, (link, mine) in sorted(grouped.items(), key=lambda each: each[0])
    ]
    if parts and payment.unapplied:
        parts[0] = replace(parts[0], unapplied=payment.unapplied)
    return parts


def without_part(shares: Sequence[Share], links: Sequence[PaymentLink]) -> list[PaymentLink]:
    """The payments there that pay nothing of it any more, where others do.

    One that pays nothing at all is a credit which somebody may have meant.
    """
    if not shares:
        return []
    paid = {link.external_id for link, _ in shares}
    customers = {link.customer_id for link, _ in shares}
    return [
        link
        for link in links
        if link.customer_id not in customers
        and payment_of(link).applied
        and not paid.intersection(each.invoice_id for each in payment_of(link).applied)
    ]


def _room(link: InvoiceLink, known: PaymentRecord | None) -> Decimal:
    applied = known.applied if known else ()
    own = sum((e.amount for e in applied if e.invoice_id == link.external_id), _NOTHING)
    return invoice_of(link).balance + own
