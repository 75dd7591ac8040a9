"""What QuickBooks answered differently from what was sent: shown, not sent for ever (R15)."""

from __future__ import annotations

from collections.abc import Collection

from integrations import attention, outbox
from integrations.models import Cause, CustomerLink, ItemLink, OutboxEntry
from integrations.pulling.work import Work


def is_last_word(entry: OutboxEntry) -> bool:
    """Whether nobody edited the record since: what differs now, QuickBooks did not take.

    An edit and its entry are saved together under the record's row lock, which the caller holds.
    """
    return not (
        OutboxEntry.objects.filter(
            connection=entry.connection_id, kind=entry.kind, record_id=entry.record_id
        )
        .exclude(pk=entry.pk)
        .exists()
    )


def lay_apart(
    work: Work, entry: OutboxEntry, link: CustomerLink | ItemLink, fields: Collection[str]
) -> None:
    """These fields stay different on both sides until somebody changes one of them."""
    if fields:
        link.apart = sorted({*link.apart, *fields})
        link.save(update_fields=["apart"])
    show_left(work, entry, fields)


def show_left(work: Work, entry: OutboxEntry, fields: Collection[str]) -> None:
    """Say which fields QuickBooks did not take; say nothing any more where it took them all."""
    key = outbox.named(entry.kind, entry.record_id)
    if not fields:
        attention.close_item(work.connection, Cause.NOT_TAKEN, key=key)
        return
    attention.open_item(
        work.connection,
        Cause.NOT_TAKEN,
        key=key,
        facts={"kind": entry.kind, "record": entry.record_id, "fields": sorted(fields)},
    )
