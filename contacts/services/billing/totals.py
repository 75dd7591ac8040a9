"""What an invoice comes to: exact decimals, each line rounded half up to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from django.db.models import Sum

from contacts.models import Allocation, Invoice, InvoiceLine, Product
from contacts.services import history
from contacts.services.billing.errors import AmountsError

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
HUNDRED = Decimal(100)

#: QuickBooks holds ten digits before the point in an amount.
HIGHEST_AMOUNT = Decimal("9999999999.99")

#: Two factors of twenty digits each multiply exactly within this.
_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a person writes it. Without quantity and price it is only text."""

    product: Product | None = None
    description: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None

    @property
    def amount(self) -> Decimal | None:
        """quantity x unit price, in cents; None on a line of text."""
        if self.quantity is None or self.unit_price is None:
            return None
        return to_cents(self.quantity, self.unit_price)


@dataclass(frozen=True, slots=True)
class Totals:
    """total = subtotal - discount. CRM invoices carry no tax of their own (R17)."""

    subtotal: Decimal
    discount: Decimal

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount


def to_cents(*factors: Decimal) -> Decimal:
    """The product of `factors`, exact and then rounded half up (away from zero) to the cent."""
    with localcontext(prec=_DIGITS):
        product = Decimal(1)
        for factor in factors:
            product *= factor
        return product.quantize(CENT, rounding=ROUND_HALF_UP)


def totals_of(
    amounts: Iterable[Decimal | None],
    discount: Decimal = NOTHING,
    discount_percent: Decimal | None = None,
) -> Totals:
    """Sum `amounts`, less the percentage of the subtotal where there is one, else `discount`.

    AmountsError where the subtotal is below zero, the discount more than the subtotal, or a sum
    more than QuickBooks holds.
    """
    subtotal = sum((amount for amount in amounts if amount is not None), NOTHING)
    if subtotal < 0:
        raise AmountsError(
            "The lines come to less than zero. An invoice cannot be a credit; lower the lines "
            "that are taken off."
        )
    if subtotal > HIGHEST_AMOUNT:
        raise AmountsError(f"The lines come to more than QuickBooks holds ({HIGHEST_AMOUNT:,}).")
    if discount_percent is not None:
        if not 0 <= discount_percent <= HUNDRED:
            raise AmountsError("A discount is between 0 and 100 percent.")
        discount = to_cents(subtotal, discount_percent, CENT)
    if discount < 0:
        raise AmountsError("A discount cannot be below zero.")
    if discount > subtotal:
        raise AmountsError(
            f"The discount ({discount:,.2f}) is more than the lines come to ({subtotal:,.2f})."
        )
    return Totals(subtotal, discount)


def lines_of(rows: Iterable[InvoiceLine]) -> list[Line]:
    """Stored lines as a person would write them; an amount without its factors is 1 x amount."""
    return [
        Line(
            product=row.product,
            description=row.description or ("" if row.product_id else row.product_name),
            quantity=Decimal(1) if _only_amount(row) else row.quantity,
            unit_price=row.amount if _only_amount(row) else row.unit_price,
        )
        for row in rows
    ]


def _only_amount(row: InvoiceLine) -> bool:
    return row.amount is not None and (row.quantity is None or row.unit_price is None)


def same(first: Iterable[Line], second: Iterable[Line]) -> bool:
    """Whether two sets of lines say the same; 2 and 2.00 are the same quantity."""
    return [_content(line) for line in first] == [_content(line) for line in second]


def as_text(lines: Iterable[Line]) -> str:
    """The lines as the history shows them, one a row."""
    return "\n".join(_sentence(line) for line in lines)


def _content(line: Line) -> tuple[object, ...]:
    return (
        line.product.pk if line.product else None,
        line.description,
        line.quantity,
        line.unit_price,
    )


def _sentence(line: Line) -> str:
    what = ", ".join(text for text in (str(line.product or ""), line.description) if text)
    if line.amount is None:
        return what
    quantity, price = history.as_text(line.quantity), history.as_text(line.unit_price)
    return f"{quantity} × {what} at {price} = {line.amount:,.2f}"


def paid_of(invoice: Invoice) -> Decimal:
    """What live payments have paid of it."""
    parts = Allocation.objects.filter(invoice=invoice, payment__voided_at=None)
    paid: Decimal | None = parts.aggregate(paid=Sum("amount"))["paid"]
    return paid or NOTHING
