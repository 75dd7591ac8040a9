"""Invoices of which a query shows another balance under an older time than we know."""

from __future__ import annotations

from collections.abc import Iterator

from integrations.models import Connection, InvoiceLink
from integrations.pulling.apply import Rows
from integrations.pulling.snapshots import invoice_of
from integrations.quickbooks import faults
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord
from integrations.session import Session


def read_unclear_again(session: Session, connection: Connection, rows: Rows) -> None:
    """Put a read of each in its row's place.

    Queries may show an older time than reads (facts 2.2) while the SyncToken stays (facts 4.4): by
    its marks such a row is stale, and yet it may be what a payment has changed since.
    """
    found = rows.records.get(InvoiceRecord.entity, [])
    for record in list(_unclear(connection, found)):
        read = _read(session, record.external_id)
        if isinstance(read, InvoiceRecord):
            found[found.index(record)] = read


def _read(session: Session, external_id: str) -> object:
    """None for one deleted meanwhile: the listing at the end of a catch-up tells."""
    try:
        raw = session.call(lambda api: api.read(InvoiceRecord.entity, external_id))
    except faults.NotFound:
        return None
    return read_record(InvoiceRecord.entity, raw)


def _unclear(connection: Connection, records: list[InvoiceRecord]) -> Iterator[InvoiceRecord]:
    links = InvoiceLink.objects.filter(
        connection=connection,
        external_id__in=[record.external_id for record in records],
        frozen_at=None,
        gone_at=None,
    )
    known = {link.external_id: link for link in links}
    for record in records:
        link = known.get(record.external_id)
        if (
            link is not None
            and record.sync_token == link.sync_token
            and record.updated_at < link.remote_updated_at
            and record.balance != invoice_of(link).balance
        ):
            yield record
