"""One pull: ask what changed, apply it, move the cursor in the same transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection as database
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from integrations import leases
from integrations.models import Cause, Connection, Lease, Reason, Run, WebhookEvent
from integrations.pulling import catch_up, runs
from integrations.pulling.apply import Rows, apply_parked, apply_rows
from integrations.pulling.fetch import OVERLAP, changes_since
from integrations.pulling.removals import apply_events
from integrations.pulling.work import Work
from integrations.quickbooks.client import Changes
from integrations.quickbooks.query import count_of
from integrations.quickbooks.records import InvoiceRecord
from integrations.session import Session, open_api

#: A task works at most a minute, then hands over to its successor.
WORK_SECONDS: Final = 45.0
LEASE_SECONDS: Final = 180.0
#: Notified by webhook, and work for the next pull; other events only wake it.
_EVENTS: Final = ["merged", "deleted"]
#: Written out, for every poll asks it: to put it together took Django a quarter of a poll that
#: finds nothing. Each part is what one part of `apply_waiting` looks for.
_WAITS: Final = """
SELECT EXISTS (SELECT 1 FROM integrations_webhookevent WHERE connection_id = %(connection)s
        AND applied_at IS NULL AND operation = ANY (%(events)s))
    OR EXISTS (SELECT 1 FROM integrations_attention WHERE connection_id = %(connection)s
        AND cause = %(question)s AND closed_at IS NULL)
    OR EXISTS (SELECT 1 FROM integrations_setaside WHERE connection_id = %(connection)s
        AND reason = %(create_under_way)s)
    OR EXISTS (SELECT 1 FROM integrations_setaside parked
        JOIN integrations_customerlink customer ON customer.connection_id = parked.connection_id
            AND customer.external_id = parked.waits_for AND NOT customer.without_email
        WHERE parked.connection_id = %(connection)s AND parked.kind = %(invoice)s
            AND parked.reason = %(customer_missing)s)
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a pull starts: the wishes it serves, and since when it has to ask."""

    wanted: int
    cursor: datetime


def pull(connection_id: int, trigger: Run.Trigger = Run.Trigger.WEBHOOK) -> bool:
    """Pull until every wish that was there at the last question is served; a poll needs no wish.

    Tells whether it pulled at all: not if another worker pulls or imports, who goes round again
    for our wish. Raises QuickBooksError when QuickBooks cannot be asked; what was committed stays.
    """
    until = time.monotonic() + WORK_SECONDS
    pulled = False
    while (held := leases.take(connection_id, Lease.Name.PULL, LEASE_SECONDS)) is not None:
        try:
            # Read with the lease held: another worker may just have served the wish.
            polls = trigger == Run.Trigger.POLL and not pulled
            connection = (_ready if polls else _due)(connection_id).first()
            if connection is not None:
                _pull_once(held, connection, trigger, until)
                pulled = True
        finally:
            held.release()
        # A wish that came while we held the lease is ours: its worker found the lease taken.
        if not _due(connection_id).exists():
            break
        if time.monotonic() > until:
            async_task("integrations.tasks.pull", connection_id)
            break
    return pulled


def _ready(connection_id: int) -> QuerySet[Connection]:
    """The connection, if it may be pulled now."""
    return Connection.objects.working().filter(
        ~Exists(Run.objects.importing().filter(connection=OuterRef("pk"))),
        pk=connection_id,
        cursor__isnull=False,
    )


def _due(connection_id: int) -> QuerySet[Connection]:
    """The same, if it has a wish that no pull has served."""
    return _ready(connection_id).filter(wanted__gt=F("served"))


def _pull_once(
    held: leases.Held, connection: Connection, trigger: Run.Trigger, until: float
) -> None:
    if connection.cursor is None:
        raise ValueError("no import has placed a cursor yet")
    position = Position(connection.wanted, connection.cursor)
    with open_api(connection) as session:
        if connection.catch_up is None:
            changes = changes_since(session, position.cursor, timezone.now())
            if changes is not None:
                _commit(held, connection, session, position, changes, trigger)
                return
        _catch_up(held, connection, session, position, trigger, until)


def _catch_up(
    held: leases.Held,
    connection: Connection,
    session: Session,
    position: Position,
    trigger: Run.Trigger,
    until: float,
) -> None:
    if connection.catch_up is None:
        # The clock is read before the rows: what changes meanwhile is the next pull's. A count
        # tells it too, and fails for no row.
        clock = session.call(lambda api: api.query(count_of(InvoiceRecord.entity))).time
        with transaction.atomic():
            held.guard()
            run = runs.begin(connection, trigger)
            place = catch_up.begin(connection, clock, run, position.cursor)
    else:
        place = catch_up.Place(**connection.catch_up)
    if not catch_up.go_on(held, connection, session, place, until):
        return
    with transaction.atomic():
        held.guard()
        work = Work(connection, place.run, timezone.now())
        apply_waiting(work)
        Connection.objects.filter(pk=connection.pk).update(catch_up=None)
        move_cursor(connection, work, position.wanted, place.read_from_instant - OVERLAP)
        runs.finish_catch_up(place.run)


def _commit(
    held: leases.Held,
    connection: Connection,
    session: Session,
    position: Position,
    changes: Changes,
    trigger: Run.Trigger,
) -> None:
    rows = Rows.of(changes.by_kind)
    with transaction.atomic():
        held.guard()
        work = Work(connection, None, timezone.now())
        if rows.any:
            work.run_id = runs.reserve()
            apply_rows(work, rows)
        if work.arrived_customers or _something_waits(connection):
            work.run_id = work.run_id or runs.reserve()
            apply_waiting(work)
        move_cursor(connection, work, position.wanted, changes.time - OVERLAP)
        runs.finish_pull(connection, work, trigger, calls=session.calls)


def _something_waits(connection: Connection) -> bool:
    """Whether `apply_waiting` may find work, whatever QuickBooks had to tell."""
    with database.cursor() as cursor:
        cursor.execute(
            _WAITS,
            {
                "connection": connection.pk,
                "events": _EVENTS,
                "question": Cause.MERGE_CONTACTS,
                "invoice": InvoiceRecord.entity,
                "customer_missing": Reason.CUSTOMER_MISSING,
                "create_under_way": Reason.CREATE_UNDER_WAY,
            },
        )
        found: bool = cursor.fetchone()[0]
        return found


def apply_waiting(work: Work) -> None:
    """Apply notified deletions and merges, and let in what waited for records that came."""
    events = list(_events(work.connection).order_by("at", "id"))
    apply_events(work, events)
    apply_parked(work)
    if events:
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).update(
            applied_at=work.now
        )


def _events(connection: Connection) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(
        connection=connection, applied_at=None, operation__in=_EVENTS
    )


def move_cursor(connection: Connection, work: Work, wanted: int, cursor: datetime) -> None:
    """Move the cursor, in the transaction of the last row that it covers; it never goes back."""
    values: dict[str, Any] = {"served": wanted, "last_pull_at": work.now}
    if connection.cursor is None or cursor > connection.cursor:
        values["cursor"] = cursor
    if work.tally.any_change:
        values["last_change_at"] = work.now
        if work.newest is not None:
            # Two clocks: ours may be a little behind.
            values["last_delay"] = max(work.now - work.newest, timedelta(0))
    Connection.objects.filter(pk=connection.pk).update(**values)
