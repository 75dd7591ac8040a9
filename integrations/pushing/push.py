"""The push: entries one after the other, until none is left that may go."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Final

import msgspec
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError
from django.utils import timezone
from django_q.tasks import async_task

from integrations import gate, outbox
from integrations.models import Connection, OutboxEntry, Reason, SetAside
from integrations.pulling import wake
from integrations.pulling.work import Work
from integrations.pushing import runs
from integrations.pushing.ending import hold, nothing_to_send, report, settle
from integrations.pushing.kinds import KINDS
from integrations.pushing.outcome import Held, Hold, Step, WaitFor, Write
from integrations.pushing.writing import next_step, write_with_remedies
from integrations.quickbooks import faults
from integrations.session import Session, open_api

log = logging.getLogger(__name__)

WORK_SECONDS: Final = 45.0
#: How long a stored answer is surely replayed is not established (facts 2.4): a write of unknown
#: outcome that is older is looked up before anything else is sent.
TRUSTED_AGE: Final = timedelta(hours=23)
#: After what nobody foresaw: long enough for the others to go first.
_SET_ASIDE_SECONDS: Final = 60.0
#: From this attempt on a person is told.
_TELL: Final = 3
#: What an entry of an unforeseen shape may raise; it stops nobody else.
_UNFORESEEN: Final = (
    DataError,
    IntegrityError,
    ObjectDoesNotExist,
    LookupError,
    TypeError,
    ValueError,
)
#: facts 2.6: what only a person in QuickBooks can change.
_BY_CODE: Final = {
    "2500": Held.GONE,
    "6200": Held.CLOSED_BOOKS,
    "6210": Held.CLOSED_BOOKS,
    "6540": Held.DEPOSITED,
}


def push(connection_id: int) -> None:
    """Send what waits. Any number of workers may push at once: each claims its own entries.

    Raises what keeps the whole connection from working; the entry in hand is put back first.
    """
    if not outbox.anything_due(connection_id):
        return
    connection = Connection.objects.working().filter(pk=connection_id).first()
    if connection is None:
        return
    until = time.monotonic() + WORK_SECONDS
    with open_api(connection) as session, runs.recorded(connection, session) as work:
        while (entry := outbox.claim(connection_id)) is not None:
            _attend(session, work, entry)
            if time.monotonic() > until:
                async_task("integrations.tasks.push", connection_id)
                return
    if SetAside.objects.filter(connection=connection, reason=Reason.CREATE_UNDER_WAY).exists():
        wake(connection_id)


def _attend(session: Session, work: Work, entry: OutboxEntry) -> None:
    """Send one entry and settle it; one record's refusal never blocks another."""
    uncertain = entry.request_id if entry.body else ""
    try:
        _send(session, work, entry)
    except outbox.ClaimLost:
        log.info("outbox entry %s was taken over by another worker", entry.pk)
    except faults.Rejected as exc:
        _hold_refused(work, entry, exc)
    except faults.QuickBooksError as exc:
        # Nobody knows whether it happened, or the connection as a whole cannot be used. What an
        # earlier attempt may have done stays unknown, whatever went wrong this time.
        if entry.body and (exc.outcome_unknown or entry.request_id == uncertain):
            outbox.repeat_later(entry, gate.seconds_after(exc))
        else:
            outbox.start_over(entry, 0)
        raise
    except _UNFORESEEN as exc:
        _set_aside(work, entry, exc)


def _send(session: Session, work: Work, entry: OutboxEntry) -> None:
    answer: bytes | None
    if entry.body and _is_trusted(work, entry):
        answer = write_with_remedies(session, work, entry)
    elif entry.body and _is_create(entry) and (made := _find_made(session, work, entry)):
        answer = made
    else:
        step = next_step(session, work, entry)
        if not isinstance(step, Write):
            _end(work, entry, step)
            return
        outbox.keep_bytes(entry, step.path, step.body)
        answer = write_with_remedies(session, work, entry)
    if answer is not None:
        settle(work, entry, answer)


def _end(work: Work, entry: OutboxEntry, step: Step) -> None:
    if isinstance(step, Hold):
        hold(work, entry, step.cause, step.facts)
    elif isinstance(step, WaitFor):
        names = {outbox.named(kind, record_id) for kind, record_id in step.records}
        if stuck := names.intersection(entry.held_facts.get("tried", ())):
            # It went its way and sent nothing: waiting for it once more would never end.
            hold(work, entry, Held.REJECTED, {"waits_for": sorted(stuck)})
        else:
            outbox.let_go_first(entry, step.records)
    else:
        nothing_to_send(work, entry)


def _is_trusted(work: Work, entry: OutboxEntry) -> bool:
    """Whether the stored bytes may go again: lately sent, and under this same connection (R20)."""
    sent = entry.first_sent_at
    if sent is None or sent < work.connection.connected_at:
        return False
    return timezone.now() - sent < TRUSTED_AGE


def _is_create(entry: OutboxEntry) -> bool:
    """An update cannot act twice: its SyncToken was used up the first time."""
    return "Id" not in msgspec.json.decode(bytes(entry.body))


def _find_made(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """What the uncertain create has made, if it has."""
    try:
        return KINDS[entry.kind].find_made(session, work, entry)
    except faults.Rejected as exc:
        # A question that was refused is no answer: the outcome stays unknown.
        raise faults.UnexpectedAnswer(
            code=exc.code, status=exc.status, intuit_tid=exc.intuit_tid
        ) from exc


def _hold_refused(work: Work, entry: OutboxEntry, fault: faults.Rejected) -> None:
    facts = {"code": fault.code}
    if isinstance(fault, faults.DuplicateNumber) and fault.txn_id:
        facts["txn_id"] = fault.txn_id
    try:
        hold(work, entry, _why(fault), facts)
    except outbox.ClaimLost:
        log.info("outbox entry %s was taken over by another worker", entry.pk)


def _set_aside(work: Work, entry: OutboxEntry, exc: Exception) -> None:
    """Reported and tried again ever later; the others go on. No message: it may quote people."""
    log.error("outbox entry %s: unforeseen %s", entry.pk, type(exc).__name__)
    if entry.body:
        outbox.repeat_later(entry, _SET_ASIDE_SECONDS)
    else:
        outbox.start_over(entry, _SET_ASIDE_SECONDS * min(entry.attempts, 60))
    if entry.attempts >= _TELL:
        report(work, entry, Held.REJECTED, {})


def _why(fault: faults.Rejected) -> Held:
    if isinstance(fault, faults.DuplicateName):
        return Held.NAME_TAKEN
    if isinstance(fault, faults.DuplicateNumber):
        return Held.NUMBER_TAKEN
    if isinstance(fault, faults.NotFound):
        return Held.GONE
    if isinstance(fault, faults.SubscriptionEnded):
        return Held.SUBSCRIPTION_ENDED
    return _BY_CODE.get(fault.code, Held.REJECTED)
