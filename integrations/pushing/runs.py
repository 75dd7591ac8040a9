"""Pushes as Activity shows them (R24)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models.functions import Now
from django.utils import timezone

from integrations import bulk
from integrations.models import Connection, Run
from integrations.pulling.work import Work
from integrations.session import Session


@contextmanager
def recorded(connection: Connection, session: Session) -> Iterator[Work]:
    """The work of one push; it becomes a line in Activity if QuickBooks was called."""
    work = Work(connection, bulk.reserve_ids(Run, 1)[0], timezone.now())
    try:
        yield work
    finally:
        if session.calls:
            Run.objects.create(
                pk=work.run_id,
                connection=connection,
                kind=Run.Kind.PUSH,
                trigger=Run.Trigger.EDIT,
                status=Run.Status.DONE,
                started_at=work.now,
                finished_at=Now(),
                api_calls=session.calls,
                created=work.tally.created,
                updated=work.tally.updated,
                skipped=work.tally.skipped,
            )
