"""How an entry ends: its answer kept, held with its reason, or with nothing to send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from contacts.models import RecordKind
from integrations import attention, outbox
from integrations.models import Cause, OutboxEntry
from integrations.pulling.balances import reckon_balances
from integrations.pulling.work import Work
from integrations.pushing import payments
from integrations.pushing.history import noted
from integrations.pushing.kinds import KINDS
from integrations.pushing.outcome import Held


def settle(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """Keep QuickBooks' answer as the new base. Raises outbox.ClaimLost and then changes nothing."""
    with noted(work), transaction.atomic():
        outbox.guard(entry)
        KINDS[entry.kind].keep(work, entry, raw)
        reckon_balances(work)
        work.write_history()
        _close(work, entry)
        outbox.done(entry)
        outbox.release_dependents(entry, sent=True)
    work.tally.updated += 1


def nothing_to_send(work: Work, entry: OutboxEntry) -> None:
    """QuickBooks has it already, or has no business with it: whatever was asked is answered."""
    with _at_rest(work, entry):
        _close(work, entry)
        outbox.finished_without_writing(entry)


def hold(work: Work, entry: OutboxEntry, cause: Held, facts: Mapping[str, Any]) -> None:
    """Ask a person, unless an edit came meanwhile that may be the remedy."""
    with _at_rest(work, entry):
        if outbox.hold(entry, cause, facts):
            report(work, entry, cause, facts)
    work.tally.skipped += 1


@contextmanager
def _at_rest(work: Work, entry: OutboxEntry) -> Iterator[None]:
    """It ends without a write: balances that a payment moved are QuickBooks' again (R18)."""
    with noted(work), transaction.atomic():
        outbox.guard(entry)
        # Before the entry, for which whoever edits these may wait.
        unsettled = payments.lock_invoices(entry) if entry.kind == RecordKind.PAYMENT else set()
        yield
        work.unsettled_invoices |= unsettled
        reckon_balances(work)
        work.write_history()


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
