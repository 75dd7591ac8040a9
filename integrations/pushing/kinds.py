"""What the push knows of each kind of record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from contacts.models import RecordKind
from integrations.models import OutboxEntry
from integrations.pulling.work import Work
from integrations.pushing import contacts, invoices, lookups, payments, products
from integrations.pushing.outcome import Step
from integrations.session import Session


@dataclass(frozen=True, slots=True)
class Kind:
    """`entity` is QuickBooks' name for it; what the functions promise stands at each of them."""

    entity: str
    next_write: Callable[[Session, Work, OutboxEntry], Step]
    keep: Callable[[Work, OutboxEntry, bytes], None]
    take_in: Callable[[Work, OutboxEntry, bytes], object]
    find_made: Callable[[Session, Work, OutboxEntry], bytes | None]


KINDS: Final[Mapping[str, Kind]] = {
    RecordKind.CONTACT: Kind(
        "Customer", contacts.next_write, contacts.keep, contacts.take_in, lookups.made_customer
    ),
    RecordKind.PRODUCT: Kind(
        "Item", products.next_write, products.keep, products.take_in, lookups.made_item
    ),
    RecordKind.INVOICE: Kind(
        "Invoice", invoices.next_write, invoices.keep, invoices.take_in, lookups.made_invoice
    ),
    RecordKind.PAYMENT: Kind(
        "Payment", payments.next_write, payments.keep, payments.take_in, lookups.made_payment
    ),
}
