"""The base of every merge: the object as QuickBooks last sent it.

Each raises UnreadableSnapshot for a link whose snapshot says nothing any more.
"""

from __future__ import annotations

from typing import TypeVar

from integrations.models import CustomerLink, InvoiceLink, ItemLink, Link, PaymentLink
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import (
    CustomerRecord,
    InvoiceRecord,
    ItemRecord,
    PaymentRecord,
)

R = TypeVar("R", CustomerRecord, ItemRecord, InvoiceRecord, PaymentRecord)


class UnreadableSnapshot(TypeError):
    """Only readable rows become snapshots: this one was changed since, or our reading was."""

    def __init__(self, link: Link) -> None:
        super().__init__(f"the snapshot of {link} cannot be read")


def customer_of(link: CustomerLink) -> CustomerRecord:
    return _read(link, CustomerRecord)


def item_of(link: ItemLink) -> ItemRecord:
    return _read(link, ItemRecord)


def invoice_of(link: InvoiceLink) -> InvoiceRecord:
    return _read(link, InvoiceRecord)


def payment_of(link: PaymentLink) -> PaymentRecord:
    return _read(link, PaymentRecord)


def _read(link: Link, kind: type[R]) -> R:
    record = read_record(kind.entity, link.snapshot.encode())
    if not isinstance(record, kind):
        raise UnreadableSnapshot(link)
    return record
