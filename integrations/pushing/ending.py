"""How an entry ends: its answer kept, held with its reason, or with nothing to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from integrations import attention, outbox
from integrations.models import Cause, OutboxEntry
from integrations.pulling.credited import reckon_credited
from integrations.pulling.work import Work
from integrations.pushing.history import noted
from integrations.pushing.kinds import KINDS
from integrations.pushing.outcome import Held


def settle(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """Keep QuickBooks' answer as the new base. Raises outbox.ClaimLost and then changes nothing."""
    with noted(work), transaction.atomic():
        outbox.guard(entry)
        KINDS[entry.kind].keep(work, entry, raw)
        reckon_credited(work)
        work.write_history()
        _close(work, entry)
        outbox.done(entry)
        outbox.release_dependents(entry, sent=True)
    work.tally.updated += 1


def nothing_to_send(work: Work, entry: OutboxEntry) -> None:
    """QuickBooks has it already, or has no business with it: whatever was asked is answered."""
    with transaction.atomic():
        outbox.guard(entry)
        _close(work, entry)
        outbox.finished_without_writing(entry)


def hold(work: Work, entry: OutboxEntry, cause: Held, facts: Mapping[str, Any]) -> None:
    """Ask a person, unless an edit came meanwhile that may be the remedy."""
    with transaction.atomic():
        outbox.guard(entry)
        if outbox.hold(entry, cause, facts):
            report(work, entry, cause, facts)
    work.tally.skipped += 1


def report(work: Work, entry: OutboxEntry, cause: Held, facts: Mapping[str, Any]) -> None:
    attention.open_item(
        work.connection,
        Cause.PUSH_HELD,
        key=_key(entry),
        facts={"kind": entry.kind, "record": entry.record_id, "why": cause, **facts},
    )


def _close(work: Work, entry: OutboxEntry) -> None:
    attention.close_item(work.connection, Cause.PUSH_HELD, key=_key(entry))


def _key(entry: OutboxEntry) -> str:
    return outbox.named(entry.kind, entry.record_id)
