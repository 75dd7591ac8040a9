"""Which of two versions of an object is newer, by Intuit's own marks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from integrations.models import Link, SetAside
from integrations.quickbooks.records import CustomerRecord, InvoiceRecord, ItemRecord, PaymentRecord

Versioned = CustomerRecord | ItemRecord | InvoiceRecord | PaymentRecord
R = TypeVar("R", CustomerRecord, ItemRecord, InvoiceRecord, PaymentRecord)


def is_newer(record: Versioned, known: Link | SetAside) -> bool:
    """Whether the row says something the link does not know.

    A greater SyncToken does. The same one with other content and no earlier LastUpdatedTime does
    too: a customer's balance moves without its SyncToken (facts 2.3), and so may an invoice's, in
    the very second of the version we know (facts 4.4, 5.10). Of two such versions the one that is
    asked for later is right: each pull asks again for the minutes before the last one, so what is
    there in the end is what stays. Anything else is stale, or the echo of what we know.
    """
    if record.sync_token != known.sync_token:
        return record.sync_token > known.sync_token
    return (
        known.remote_updated_at is None or record.updated_at >= known.remote_updated_at
    ) and record.raw != known.snapshot


def newest_of_each(records: Iterable[R]) -> list[R]:
    """One row per id, the newest: overlapping pages and CDC may bring a record twice."""
    newest: dict[str, R] = {}
    for record in records:
        other = newest.get(record.external_id)
        if other is None or _age(record) >= _age(other):
            newest[record.external_id] = record
    return list(newest.values())


def _age(record: Versioned) -> tuple[int, object]:
    return record.sync_token, record.updated_at
