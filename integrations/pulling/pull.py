"""One pull: ask what changed, apply it, move the cursor in the same transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from integrations import leases
from integrations.models import Connection, Lease, Reason, Run, SetAside, WebhookEvent
from integrations.pulling import catch_up, runs
from integrations.pulling.apply import Rows, apply_parked, apply_rows
from integrations.pulling.fetch import OVERLAP, changes_since
from integrations.pulling.invoices import ready
from integrations.pulling.questions import has_questions
from integrations.pulling.removals import apply_events
from integrations.pulling.work import Work
from integrations.quickbooks.client import Changes
from integrations.quickbooks.query import count_of
from integrations.quickbooks.records import InvoiceRecord
from integrations.session import Session, open_api

#: A task works at most a minute, then hands over to its successor.
WORK_SECONDS: Final = 45.0
LEASE_SECONDS: Final = 180.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a pull starts: the wishes it serves, and since when it has to ask."""

    wanted: int
    cursor: datetime


def pull(connection_id: int, trigger: Run.Trigger = Run.Trigger.WEBHOOK) -> None:
    """Pull until every wish that was there at the last question is served.

    Returns at once if another worker pulls or imports: it goes round again for our wish. Raises
    QuickBooksError when QuickBooks cannot be asked; what was committed stays.
    """
    until = time.monotonic() + WORK_SECONDS
    while _due(connection_id):
        held = leases.take(connection_id, Lease.Name.PULL, LEASE_SECONDS)
        if held is None:
            return
        try:
            _pull_once(held, trigger, until)
        finally:
            held.release()
        # A wish that came while we released finds no lease held, or is seen by this loop.
        if time.monotonic() > until:
            async_task("integrations.tasks.pull", connection_id)
            return


def _due(connection_id: int) -> bool:
    # One condition on one run: `exclude` over the relation would take them from two.
    importing = Run.objects.filter(
        connection=OuterRef("pk"),
        kind__in=[Run.Kind.IMPORT, Run.Kind.RESET],
        status=Run.Status.RUNNING,
    )
    return (
        Connection.objects.working()
        .filter(~Exists(importing), pk=connection_id, wanted__gt=F("served"), cursor__isnull=False)
        .exists()
    )


def _pull_once(held: leases.Held, trigger: Run.Trigger, until: float) -> None:
    connection = Connection.objects.get(pk=held.connection_id)
    # Another worker may have served the wish before the lease was ours.
    if connection.cursor is None or connection.served >= connection.wanted:
        return
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
        if rows.any or _something_waits(connection):
            work.run_id = runs.reserve()
            apply_rows(work, rows)
            apply_waiting(work)
        move_cursor(connection, work, position.wanted, changes.time - OVERLAP)
        runs.finish_pull(connection, work, trigger, calls=session.calls)


def _something_waits(connection: Connection) -> bool:
    """Whether there is work without any news from QuickBooks."""
    return (
        _events(connection).exists()
        or has_questions(connection)
        or ready(connection).exists()
        or SetAside.objects.filter(connection=connection, reason=Reason.CREATE_UNDER_WAY).exists()
    )


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
        connection=connection, applied_at=None, operation__in=["merged", "deleted"]
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
