"""Invoices of which a query shows another balance under an older time than we know."""

from __future__ import annotations

from collections.abc import Callable

from integrations.models import Connection, InvoiceLink
from integrations.pulling.apply import Rows
from integrations.pulling.snapshots import invoice_of
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord


def read_unclear_again(
    connection: Connection, rows: Rows, read: Callable[[str], bytes | None]
) -> None:
    """Put a read of each in its row's place; `read` gives None for one deleted meanwhile.

    Queries may show an older time than reads (facts 2.2) while the SyncToken stays (facts 4.4): by
    its marks such a row is stale, and yet it may be what a payment has changed since.
    """
    found = rows.records.get(InvoiceRecord.entity, [])
    known = _known(connection, found)
    for place, record in enumerate(found):
        link = known.get(record.external_id)
        if link is None or not _is_unclear(record, link):
            continue
        raw = read(record.external_id)
        fresh = read_record(InvoiceRecord.entity, raw) if raw is not None else None
        # Of one that is gone the listing at the end of a catch-up tells.
        if isinstance(fresh, InvoiceRecord):
            found[place] = fresh


def _known(connection: Connection, records: list[InvoiceRecord]) -> dict[str, InvoiceLink]:
    links = InvoiceLink.objects.filter(
        connection=connection,
        external_id__in=[record.external_id for record in records],
        frozen_at=None,
        gone_at=None,
    )
    return {link.external_id: link for link in links}


def _is_unclear(record: InvoiceRecord, link: InvoiceLink) -> bool:
    return (
        record.sync_token == link.sync_token
        and record.updated_at < link.remote_updated_at
        and record.balance != invoice_of(link).balance
    )
