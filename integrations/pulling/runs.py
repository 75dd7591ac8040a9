"""Pulls as Activity shows them: each with its counts, idle ones folded into a line (R24)."""

from __future__ import annotations

from django.db import connection as database
from django.db.models import F
from django.db.models.functions import Now

from integrations import bulk
from integrations.models import Connection, Run
from integrations.pulling.work import Work


def begin(connection: Connection, trigger: Run.Trigger) -> int:
    """Open a run that will last several pages; returns its number for the history."""
    run = Run.objects.create(
        connection=connection, kind=Run.Kind.PULL, trigger=trigger, started_at=Now()
    )
    return run.pk


def reserve() -> int:
    """Draw the number of a run that is written only if it brings something new."""
    return bulk.reserve_ids(Run, 1)[0]


def finish_pull(connection: Connection, work: Work, trigger: Run.Trigger, *, calls: int) -> None:
    """Write the pull's run; one that brought nothing new becomes part of the idle line."""
    if work.tally.any_change:
        Run.objects.create(
            pk=work.run_id,
            connection=connection,
            kind=Run.Kind.PULL,
            trigger=trigger,
            status=Run.Status.DONE,
            started_at=work.now,
            finished_at=Now(),
            api_calls=calls,
            created=work.tally.created,
            updated=work.tally.updated,
            skipped=work.tally.skipped,
            removed=work.tally.removed,
        )
        return
    if not _folded(connection, calls):
        Run.objects.create(
            connection=connection,
            kind=Run.Kind.IDLE,
            trigger=trigger,
            status=Run.Status.DONE,
            started_at=Now(),
            finished_at=Now(),
            api_calls=calls,
        )


def _folded(connection: Connection, calls: int) -> bool:
    """Make it part of the idle line, if that is the newest."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_run SET repeats = repeats + 1, api_calls = api_calls + %s,"
            " finished_at = statement_timestamp() WHERE kind = %s AND id = ("
            "SELECT id FROM integrations_run WHERE connection_id = %s"
            " ORDER BY started_at DESC, id DESC LIMIT 1)",
            [calls, Run.Kind.IDLE, connection.pk],
        )
        return bool(cursor.rowcount)


def add(run_id: int, work: Work) -> None:
    """Add a page's counts to a run of several pages."""
    Run.objects.filter(pk=run_id).update(
        api_calls=F("api_calls") + 1,
        created=F("created") + work.tally.created,
        updated=F("updated") + work.tally.updated,
        skipped=F("skipped") + work.tally.skipped,
        removed=F("removed") + work.tally.removed,
    )


def finish_catch_up(run_id: int) -> None:
    Run.objects.filter(pk=run_id).update(
        status=Run.Status.DONE,
        finished_at=Now(),
        message="Caught up by reading the lists: more had changed than one answer can hold.",
    )
