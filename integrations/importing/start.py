from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from contacts.models import User
from integrations.models import Connection, ImportProgress, Run

#: Customers first: invoices wait for them, and people look at them first.
KINDS = ("Customer", "Item")


def start(
    connection: Connection, *, kind: Run.Kind, trigger: Run.Trigger, by: User | None = None
) -> Run:
    """Open an import and enqueue its first task, together; returns the one that runs, if any."""
    with transaction.atomic():
        # The connection's row serialises two presses of one button.
        Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        running = running_import(connection)
        if running is not None:
            return running
        run = Run.objects.create(
            connection=connection, kind=kind, trigger=trigger, by=by, started_at=Now()
        )
        ImportProgress.objects.bulk_create(ImportProgress(run=run, kind=each) for each in KINDS)
        async_task("integrations.tasks.continue_import", run.pk)
    run.refresh_from_db()
    return run


def running_import(connection: Connection) -> Run | None:
    """The import or reset that is under way."""
    return Run.objects.importing().filter(connection=connection).first()
