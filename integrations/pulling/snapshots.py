"""The base of every merge: the object as QuickBooks last sent it."""

from __future__ import annotations

from typing import TypeVar

from integrations.models import Link
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord

R = TypeVar("R", InvoiceRecord, PaymentRecord)


def snapshot_of(link: Link, kind: type[R]) -> R:
    """The link's snapshot, read. Only readable rows become snapshots."""
    record = read_record(kind.entity, link.snapshot.encode())
    if not isinstance(record, kind):
        raise TypeError(f"the snapshot of {link} cannot be read")
    return record
