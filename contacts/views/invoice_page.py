"""What an invoice's page is made of: its lines as they were sold, and the money that came in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from contacts.models import Allocation, Invoice, InvoiceLine, Payment


@dataclass(slots=True)
class Block:
    """Lines that belong together: those of one bundle, or a single line without one."""

    bundle: str
    lines: list[InvoiceLine] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))


def blocks_of(lines: Iterable[InvoiceLine]) -> list[Block]:
    """The lines in their order, neighbours of one bundle together."""
    blocks: list[Block] = []
    for line in lines:
        if not (blocks and line.bundle_name and blocks[-1].bundle == line.bundle_name):
            blocks.append(Block(line.bundle_name))
        blocks[-1].lines.append(line)
    return blocks


@dataclass(frozen=True, slots=True)
class Received:
    """A payment's part for this invoice, and where the rest of that payment went."""

    payment: Payment
    amount: Decimal
    others: list[Allocation]

    @property
    def split(self) -> bool:
        """Whether the payment was for more than this invoice."""
        return bool(self.others or self.payment.elsewhere or self.payment.unapplied)


def payments_of(invoice: Invoice) -> list[Received]:
    """The payments applied to the invoice, oldest first, in two statements."""
    allocations = (
        invoice.allocations.select_related("payment")
        .prefetch_related("payment__allocations__invoice")
        .order_by("payment__date", "payment_id")
    )
    return [
        Received(
            allocation.payment,
            allocation.amount,
            [
                other
                for other in allocation.payment.allocations.all()
                if other.invoice_id != invoice.pk
            ],
        )
        for allocation in allocations
    ]
