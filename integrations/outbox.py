"""The outbox: written in the transaction of the edit, claimed one by one, settled by its owner.

Whoever needs several rows takes the records' first and the outbox's last, so that an edit and a
push never wait for each other in a ring.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from contacts.models import RecordKind
from integrations.models import Connection, OutboxEntry

State = OutboxEntry.State
Record = tuple[RecordKind, int]

#: The held cause of an entry that only waits for others to go first.
DEPENDENCY: Final = "dependency"
#: How long a held entry rests before its self-healing cause is looked at again; then twice that,
#: up to half a day.
SECOND_LOOK: Final = timedelta(minutes=5)
#: Longer than a call can take (facts 2.8: cut after 120 s); then somebody else repeats it.
CLAIM: Final = timedelta(seconds=180)
#: The longest pause before a write whose outcome is unknown is repeated.
_LONGEST_PAUSE: Final = timedelta(hours=1)
#: What others refer to goes first.
_ORDER: Final = [RecordKind.CONTACT, RecordKind.PRODUCT, RecordKind.INVOICE, RecordKind.PAYMENT]
#: How often a worker that lost the race for one entry tries for the next.
_TRIES: Final = 5


class ClaimLost(Exception):
    """The entry is somebody else's by now; nothing may be sent or settled for it here."""


def enqueue(connection: Connection, kind: RecordKind, record_id: int) -> None:
    """Let the record go to QuickBooks as it will be then, and wake a push.

    Part of the caller's transaction. An entry that waits already stands for this edit too; a held
    one gets its next chance, for the edit may be the remedy.
    """
    with transaction.atomic():
        waiting = _lock_waiting(connection, kind, record_id)
        _release(OutboxEntry.objects.filter(pk=waiting, state=State.HELD))
        async_task("integrations.tasks.push", connection.pk)


def _lock_waiting(connection: Connection, kind: RecordKind, record_id: int) -> int:
    """The record's entry that is not in flight, made if there is none.

    It stays locked until the caller's transaction ends: nobody claims it before the edit that it
    stands for can be read.
    """
    of_record = {"connection": connection, "kind": kind, "record_id": record_id}
    rows = OutboxEntry.objects.filter(**of_record).exclude(state=State.IN_FLIGHT)
    while True:
        found = rows.select_for_update().values_list("pk", flat=True).first()
        if found is not None:
            return found
        now = timezone.now()
        entry = OutboxEntry(**of_record, created_at=now, not_before=now)
        OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)


def claim(connection_id: int) -> OutboxEntry | None:
    """Take the next entry that may go, or one whose worker died with it in flight.

    None while the connection is paused, disconnected or not at home, also in the midst of a push.
    """
    for _ in range(_TRIES):
        try:
            return _claim(connection_id)
        except IntegrityError:
            # Another worker took this record's other entry in the same instant.
            continue
    return None


def anything_due(connection_id: int, *, held: bool = False) -> bool:
    """Whether `claim` may find something: what is not, costs no session with QuickBooks.

    With `held` also whether `retry_self_healing` may.
    """
    states = [State.WAITING, State.IN_FLIGHT, *([State.HELD] if held else [])]
    return OutboxEntry.objects.filter(
        connection=connection_id, state__in=states, not_before__lte=Now()
    ).exists()


def _claim(connection_id: int) -> OutboxEntry | None:
    flying = OutboxEntry.objects.filter(
        connection=OuterRef("connection"),
        kind=OuterRef("kind"),
        record_id=OuterRef("record_id"),
        state=State.IN_FLIGHT,
    )
    free = Q(state=State.WAITING) & ~Exists(flying)
    orphaned = Q(state=State.IN_FLIGHT, claimed_until__lt=Now())
    order = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(_ORDER)))
    with transaction.atomic():
        entry = (
            OutboxEntry.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                free | orphaned,
                connection__in=Connection.objects.working().filter(pk=connection_id),
                not_before__lte=Now(),
            )
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


def guard(entry: OutboxEntry) -> None:
    """Lock the entry for the caller's transaction. Raises ClaimLost unless it is still ours."""
    if not _mine(entry).select_for_update().values_list("pk").first():
        raise ClaimLost


def done(entry: OutboxEntry) -> None:
    """QuickBooks has it. Part of the transaction that keeps the answer."""
    _mine(entry).delete()


def keep_bytes(entry: OutboxEntry, path: str, body: bytes) -> None:
    """Remember what is about to be sent, before it is sent, under a new request id.

    Raises ClaimLost: what another worker has sent by now is not to be forgotten.
    """
    now = timezone.now()
    sent = {
        "path": path,
        "body": body,
        "request_id": str(uuid.uuid4()),
        "first_sent_at": now,
        "claimed_until": now + CLAIM,
    }
    if not _mine(entry).update(**sent):
        raise ClaimLost
    for name, value in sent.items():
        setattr(entry, name, value)


def repeat_later(entry: OutboxEntry, seconds: float) -> None:
    """The outcome is unknown: the same bytes go again under the same request id.

    Later each time, so that an entry that fails for ever lets the others pass.
    """
    pause = min(timedelta(seconds=seconds) * 2 ** min(entry.attempts - 1, 10), _LONGEST_PAUSE)
    _mine(entry).update(claimed_until=Now(), not_before=timezone.now() + pause)


def start_over(entry: OutboxEntry, seconds: float) -> None:
    """Nothing happened there: what is sent next is worked out anew, in a new generation."""
    _back_to(entry, State.WAITING, not_before=timezone.now() + timedelta(seconds=seconds))


def hold(entry: OutboxEntry, cause: str, facts: Mapping[str, Any]) -> bool:
    """Wait for a person, or for the cause to go away. Part of the caller's transaction.

    False if an edit came meanwhile: its entry goes instead, and may not be held at all.
    """
    rest = SECOND_LOOK * 2 ** min(entry.attempts - 1, 7)
    return _back_to(
        entry,
        State.HELD,
        not_before=timezone.now() + rest,
        held_cause=cause,
        held_facts=dict(facts),
    )


def named(kind: str, record_id: int) -> str:
    """How facts name a record."""
    return f"{kind}-{record_id}"


def waited_for(kind: RecordKind, record_id: int) -> set[str]:
    """The names of what has to go before this record, directly or not. One query for each step."""
    found: set[str] = set()
    asked = {named(kind, record_id)}
    while asked:
        of_them = Q()
        for name in asked:
            asked_kind, _, asked_id = name.rpartition("-")
            of_them |= Q(kind=asked_kind, record_id=int(asked_id))
        waiting = OutboxEntry.objects.filter(
            of_them,
            connection__in=Connection.objects.live(),
            state=State.HELD,
            held_cause=DEPENDENCY,
        )
        facts = waiting.values_list("held_facts", flat=True)
        asked = {name for each in facts for name in each.get("waits_for", ())} - found
        found |= asked
    return found


def let_go_first(entry: OutboxEntry, records: Iterable[Record]) -> None:
    """Wait until these records have gone; they are enqueued, and release the entry when settled."""
    names = [named(kind, record_id) for kind, record_id in records]
    with transaction.atomic():
        for kind, record_id in records:
            _lock_waiting(entry.connection, kind, record_id)
        hold(entry, DEPENDENCY, {"waits_for": names})


def release_dependents(entry: OutboxEntry, *, sent: bool) -> None:
    """What waited for this record may try again.

    Where nothing had to be `sent` for it the dependents are told, lest they wait for it anew.
    """
    name = named(entry.kind, entry.record_id)
    rows = OutboxEntry.objects.filter(
        connection=entry.connection_id,
        state=State.HELD,
        held_cause=DEPENDENCY,
        held_facts__waits_for__contains=[name],
    )
    _release(rows, facts={} if sent else {"tried": [name]})


def finished_without_writing(entry: OutboxEntry) -> None:
    """QuickBooks had it already, or has no business with it. Part of the caller's transaction."""
    done(entry)
    release_dependents(entry, sent=False)


def look_again(connection: Connection, causes: Collection[str]) -> None:
    """What was held for one of these causes gets its next chance now. Part of the caller's
    transaction."""
    held = OutboxEntry.objects.filter(
        connection=connection, state=State.HELD, held_cause__in=causes
    )
    if _release(held):
        async_task("integrations.tasks.push", connection.pk)


def retry_self_healing(connection_id: int, causes: Collection[str]) -> None:
    """Look again at what only a change elsewhere can release, now and then."""
    _release(
        OutboxEntry.objects.filter(
            connection=connection_id,
            state=State.HELD,
            held_cause__in=causes,
            not_before__lt=timezone.now(),
        )
    )


def _release(held: QuerySet[OutboxEntry], facts: Mapping[str, Any] | None = None) -> int:
    """Let held entries wait for their turn. One that somebody holds right now he releases himself,
    or the next look does."""
    with transaction.atomic():
        ids = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return OutboxEntry.objects.filter(pk__in=ids).update(
            state=State.WAITING,
            not_before=timezone.now(),
            held_cause="",
            held_facts=dict(facts or {}),
        )


def _back_to(entry: OutboxEntry, state: OutboxEntry.State, **values: Any) -> bool:
    """Leave the air; an edit that came meanwhile waits already and stands for this entry too."""
    try:
        with transaction.atomic():
            return bool(
                _mine(entry).update(
                    state=state,
                    owner="",
                    claimed_until=None,
                    request_id="",
                    path="",
                    body=b"",
                    **values,
                )
            )
    except IntegrityError:
        _mine(entry).delete()
        return False


def _mine(entry: OutboxEntry) -> QuerySet[OutboxEntry]:
    """The entry while it is still ours: whoever lost the claim settles nothing."""
    return OutboxEntry.objects.filter(pk=entry.pk, owner=entry.owner)
