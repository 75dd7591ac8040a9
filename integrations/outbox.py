"""The outbox: written in the transaction of the edit, claimed one by one, settled by its owner."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from contacts.models import RecordKind
from integrations.models import Connection, OutboxEntry

State = OutboxEntry.State

#: The held cause of an entry that only waits for others to go first.
DEPENDENCY: Final = "dependency"
#: How long a held entry rests before its self-healing cause is looked at again.
SECOND_LOOK: Final = timedelta(minutes=5)
#: Longer than a call can take (facts 2.8: cut after 120 s); then somebody else repeats it.
CLAIM: Final = timedelta(seconds=180)
#: What others refer to goes first.
_ORDER: Final = [RecordKind.CONTACT, RecordKind.PRODUCT, RecordKind.INVOICE, RecordKind.PAYMENT]


def enqueue(connection: Connection, kind: RecordKind, record_id: int) -> None:
    """Let the record go to QuickBooks as it will be then, and wake a push.

    Part of the caller's transaction. An entry that waits already stands for this edit too; a held
    one gets its next chance, for the edit may be the remedy.
    """
    now = timezone.now()
    with transaction.atomic():
        _enqueue_once(connection, kind, record_id)
        OutboxEntry.objects.filter(
            connection=connection, kind=kind, record_id=record_id, state=State.HELD
        ).update(state=State.WAITING, not_before=now, held_cause="", held_facts={})
        async_task("integrations.tasks.push", connection.pk)


def _enqueue_once(connection: Connection, kind: RecordKind, record_id: int) -> None:
    now = timezone.now()
    entry = OutboxEntry(
        connection=connection, kind=kind, record_id=record_id, created_at=now, not_before=now
    )
    OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)


def claim(connection_id: int) -> OutboxEntry | None:
    """Take the next entry that may go, or one whose worker died with it in flight."""
    flying = OutboxEntry.objects.filter(
        connection=OuterRef("connection"),
        kind=OuterRef("kind"),
        record_id=OuterRef("record_id"),
        state=State.IN_FLIGHT,
    )
    free = Q(state=State.WAITING) & ~Exists(flying)
    orphaned = Q(state=State.IN_FLIGHT, claimed_until__lt=Now())
    order = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(_ORDER)))
    try:
        with transaction.atomic():
            entry = (
                OutboxEntry.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(free | orphaned, connection=connection_id, not_before__lte=Now())
                .order_by(order, "id")
                .first()
            )
            if entry is None:
                return None
            entry.state = State.IN_FLIGHT
            entry.owner = uuid.uuid4().hex
            entry.claimed_until = timezone.now() + CLAIM
            entry.attempts += 1
            entry.save(update_fields=["state", "owner", "claimed_until", "attempts"])
            return entry
    except IntegrityError:
        # Another worker took this record's other entry in the same instant.
        return None


def done(entry: OutboxEntry) -> None:
    """QuickBooks has it. Part of the transaction that keeps the answer."""
    _mine(entry).delete()


def keep_bytes(entry: OutboxEntry, path: str, body: bytes) -> None:
    """Remember what is about to be sent, before it is sent, under a new request id."""
    entry.path, entry.body = path, body
    entry.request_id = str(uuid.uuid4())
    entry.first_sent_at = timezone.now()
    entry.save(update_fields=["path", "body", "request_id", "first_sent_at"])


def repeat_later(entry: OutboxEntry, seconds: float) -> None:
    """The outcome is unknown: the same bytes go again under the same request id."""
    _mine(entry).update(claimed_until=Now(), not_before=timezone.now() + timedelta(seconds=seconds))


def start_over(entry: OutboxEntry, seconds: float) -> None:
    """Nothing happened there: what is sent next is worked out anew, in a new generation."""
    with transaction.atomic():
        _back_to(entry, State.WAITING, not_before=timezone.now() + timedelta(seconds=seconds))


def hold(entry: OutboxEntry, cause: str, facts: Mapping[str, Any]) -> None:
    """Wait for a person, or for the cause to go away. Part of the caller's transaction."""
    _back_to(
        entry,
        State.HELD,
        not_before=timezone.now(),
        held_cause=cause,
        held_facts=dict(facts),
    )


def let_go_first(entry: OutboxEntry, records: Iterable[tuple[RecordKind, int]]) -> None:
    """Wait until these records have gone; they are enqueued, and release the entry when settled."""
    with transaction.atomic():
        for kind, record_id in records:
            _enqueue_once(entry.connection, kind, record_id)
        hold(entry, DEPENDENCY, {})


def release_dependents(connection_id: int) -> None:
    """What waited for another record may try again: one has gone."""
    OutboxEntry.objects.filter(
        connection=connection_id, state=State.HELD, held_cause=DEPENDENCY
    ).update(state=State.WAITING, not_before=timezone.now(), held_cause="")


def finished_without_writing(entry: OutboxEntry) -> None:
    """QuickBooks had it already, or has no business with it."""
    with transaction.atomic():
        done(entry)
        release_dependents(entry.connection_id)


def retry_self_healing(connection_id: int, causes: Collection[str]) -> None:
    """Look again at what only a change in QuickBooks can release, now and then."""
    now = timezone.now()
    OutboxEntry.objects.filter(
        connection=connection_id,
        state=State.HELD,
        held_cause__in=causes,
        not_before__lt=now - SECOND_LOOK,
    ).update(state=State.WAITING, not_before=now, held_cause="", held_facts={})


def _back_to(entry: OutboxEntry, state: OutboxEntry.State, **values: Any) -> None:
    """Leave the air; an edit that came meanwhile waits already and stands for this entry too."""
    waiting = OutboxEntry.objects.filter(
        connection=entry.connection_id, kind=entry.kind, record_id=entry.record_id
    ).exclude(state=State.IN_FLIGHT)
    if waiting.exists():
        _mine(entry).delete()
        return
    _mine(entry).update(
        state=state, owner="", claimed_until=None, request_id="", path="", body=b"", **values
    )


def _mine(entry: OutboxEntry) -> Any:
    """The entry while it is still ours: whoever lost the claim settles nothing."""
    return OutboxEntry.objects.filter(pk=entry.pk, owner=entry.owner)
