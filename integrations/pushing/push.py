"""The push: entries one after the other, until none is left that may go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from contacts.models import RecordKind
from integrations import attention, gate, outbox
from integrations.models import Cause, Connection, OutboxEntry, Reason, SetAside
from integrations.pulling import wake
from integrations.pulling.credited import reckon_credited
from integrations.pulling.work import Work
from integrations.pushing import contacts, invoices, payments, products, runs
from integrations.pushing.outcome import Held, Hold, NotYet, Step, WaitFor, Write
from integrations.quickbooks import faults
from integrations.quickbooks.client import QuickBooksApi
from integrations.session import Session, open_api

WORK_SECONDS: Final = 45.0
#: How long a stored answer is surely replayed is not established (facts 2.4): a write of unknown
#: outcome that is older is worked out anew; a SyncToken keeps it from acting twice.
TRUSTED_AGE: Final = timedelta(hours=23)
_STALE_AGAIN_SECONDS: Final = 30.0
#: facts 2.6: what only a person in QuickBooks can change.
_BY_CODE: Final = {
    "6200": Held.CLOSED_BOOKS,
    "6210": Held.CLOSED_BOOKS,
    "6540": Held.DEPOSITED,
}


@dataclass(frozen=True, slots=True)
class _Kind:
    entity: str
    next_write: Callable[[Session, Work, OutboxEntry], Step]
    keep: Callable[[Work, OutboxEntry, bytes], None]
    take_in: Callable[[Work, OutboxEntry, bytes], object]


_KINDS: Final[Mapping[str, _Kind]] = {
    RecordKind.CONTACT: _Kind("Customer", contacts.next_write, contacts.keep, contacts.take_in),
    RecordKind.PRODUCT: _Kind("Item", products.next_write, products.keep, products.take_in),
    RecordKind.INVOICE: _Kind("Invoice", invoices.next_write, invoices.keep, invoices.take_in),
    RecordKind.PAYMENT: _Kind("Payment", payments.next_write, payments.keep, payments.take_in),
}


def push(connection_id: int) -> None:
    """Send what waits. Any number of workers may push at once: each claims its own entries.

    Raises what keeps the whole connection from working; the entry in hand is put back first.
    """
    connection = Connection.objects.working().filter(pk=connection_id).first()
    if connection is None:
        return
    until = time.monotonic() + WORK_SECONDS
    entry = outbox.claim(connection_id)
    if entry is None:
        return
    with open_api(connection) as session, runs.recorded(connection, session) as work:
        while entry is not None:
            _attend(session, work, entry)
            if time.monotonic() > until:
                async_task("integrations.tasks.push", connection_id)
                return
            entry = outbox.claim(connection_id)
    if SetAside.objects.filter(connection=connection, reason=Reason.CREATE_UNDER_WAY).exists():
        wake(connection_id)


def _attend(session: Session, work: Work, entry: OutboxEntry) -> None:
    """Send one entry and settle it; one record's refusal never blocks another."""
    try:
        _send(session, work, entry)
    except faults.Rejected as exc:
        _hold(work, entry, _why(exc), {"code": exc.code})
    except faults.QuickBooksError as exc:
        # Nobody knows whether it happened, or the connection as a whole cannot be used.
        if exc.outcome_unknown and entry.body:
            outbox.repeat_later(entry, gate.seconds_after(exc))
        else:
            outbox.start_over(entry, 0)
        raise


def _send(session: Session, work: Work, entry: OutboxEntry) -> None:
    answer: bytes | None
    if _is_repetition(entry):
        answer = _write(session, entry)
    else:
        step = _next_step(session, work, entry)
        if isinstance(step, Hold):
            _hold(work, entry, step.cause, step.facts)
            return
        if isinstance(step, WaitFor):
            outbox.let_go_first(entry, step.records)
            return
        if not isinstance(step, Write):
            outbox.finished_without_writing(entry)
            return
        outbox.keep_bytes(entry, step.path, step.body)
        answer = _write_with_remedies(session, work, entry)
    if answer is not None:
        _settle(work, entry, answer)


def _next_step(session: Session, work: Work, entry: OutboxEntry) -> Step:
    try:
        return _KINDS[entry.kind].next_write(session, work, entry)
    except NotYet as exc:
        return exc.step


def _is_repetition(entry: OutboxEntry) -> bool:
    sent = entry.first_sent_at
    return bool(entry.body) and sent is not None and timezone.now() - sent < TRUSTED_AGE


def _write_with_remedies(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """Write; a stale token is answered by one read and merge, a taken name by a longer one.

    None when nothing was left to send after the merge, or the entry was put back.
    """
    try:
        return _write(session, entry)
    except faults.StaleObject:
        return _write_after_merge(session, work, entry)
    except faults.DuplicateName:
        longer = contacts.renamed(entry) if entry.kind == RecordKind.CONTACT else None
        if longer is None:
            raise
        outbox.keep_bytes(entry, longer.path, longer.body)
        return _write(session, entry)


def _write_after_merge(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    kind = _KINDS[entry.kind]
    external_id = _external_id(entry)
    raw = session.call(lambda api: api.read(kind.entity, external_id))
    with transaction.atomic():
        kind.take_in(work, entry, raw)
        work.write_history()
    step = _next_step(session, work, entry)
    if not isinstance(step, Write):
        outbox.start_over(entry, 0)
        return None
    outbox.keep_bytes(entry, step.path, step.body)
    try:
        return _write(session, entry)
    except faults.StaleObject:
        # Somebody is typing there: later.
        outbox.start_over(entry, _STALE_AGAIN_SECONDS)
        return None


def _write(session: Session, entry: OutboxEntry) -> bytes:
    """Send the stored bytes under the stored request id, the first time and every other."""
    entity = _KINDS[entry.kind].entity

    def send(api: QuickBooksApi) -> bytes:
        return api.write(entry.path, bytes(entry.body), entry.request_id).object(entity)

    return session.call(send)


def _settle(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    with transaction.atomic():
        _KINDS[entry.kind].keep(work, entry, raw)
        attention.close_item(work.connection, Cause.PUSH_HELD, key=_key(entry))
        outbox.done(entry)
        outbox.release_dependents(entry.connection_id)
        reckon_credited(work)
        work.write_history()
    work.tally.updated += 1


def _hold(work: Work, entry: OutboxEntry, cause: Held, facts: dict[str, str]) -> None:
    with transaction.atomic():
        outbox.hold(entry, cause, facts)
        attention.open_item(
            work.connection,
            Cause.PUSH_HELD,
            key=_key(entry),
            facts={"kind": entry.kind, "record": entry.record_id, "why": cause, **facts},
        )
    work.tally.skipped += 1


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


def _key(entry: OutboxEntry) -> str:
    return f"{entry.kind}-{entry.record_id}"


def _external_id(entry: OutboxEntry) -> str:
    """The object that the stored update was for."""
    return str(msgspec.json.decode(bytes(entry.body))["Id"])
