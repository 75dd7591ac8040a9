"""Which of two versions of an object is newer, by Intuit's own marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from integrations.models import Link, SetAside
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import CustomerRecord, InvoiceRecord, ItemRecord, PaymentRecord

Versioned = CustomerRecord | ItemRecord | InvoiceRecord | PaymentRecord
R = TypeVar("R", CustomerRecord, ItemRecord, InvoiceRecord, PaymentRecord)


def is_newer(record: Versioned, known: Link | SetAside) -> bool:
    """Whether the row says something the link does not know.

    A greater SyncToken does. The same one with other content and a later LastUpdatedTime does
    too: a customer's balance moves without its SyncToken (facts 2.3). So does one of the very same
    time, if what it says matters here. Anything else is stale, or the echo of what we know.
    """
    if record.sync_token != known.sync_token:
        return record.sync_token > known.sync_token
    if record.updated_at == known.remote_updated_at:
        return _says_other(record, known)
    return (
        known.remote_updated_at is None or record.updated_at > known.remote_updated_at
    ) and record.raw != known.snapshot


def _says_other(record: Versioned, known: Link | SetAside) -> bool:
    """Whether a row of the very second of what we know says something else that matters here.

    So may an invoice's balance (facts 4.4, 5.10). Of two such versions the one that is asked for
    later is right: each pull asks again for the minutes before the last one, so what is there in
    the end is what stays.
    """
    if record.raw == known.snapshot:
        return False
    before = read_record(record.entity, known.snapshot.encode())
    return not isinstance(before, type(record)) or replace(before, raw=record.raw) != record


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
