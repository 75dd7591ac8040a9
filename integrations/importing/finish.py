"""The end of an import: main customers, what waited for them, and where the cursor stands."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.utils import timezone

from integrations import attention, bookkeeping, leases, resetting
from integrations.models import Cause, Connection, Run
from integrations.pulling import main_customer
from integrations.pulling.apply import apply_parked
from integrations.pulling.fetch import OVERLAP
from integrations.pulling.following import follow_customers
from integrations.pulling.work import Work


def finish(held: leases.Held, run: Run) -> None:
    """Close the import and let the first pull begin where its first answer was given.

    A reset freezes older invoices here, last of all: only now has its refresh worked (R19).
    """
    with transaction.atomic():
        held.guard()
        connection = Connection.objects.select_for_update(no_key=True).get(pk=run.connection_id)
        work = Work(connection, run.pk, timezone.now())
        run.message = ""
        main_customer.choose_after_import(work, run.started_at)
        if run.kind == Run.Kind.RESET:
            resetting.freeze_older(work, run)
        apply_parked(work)
        bookkeeping.guess_fallback(connection)
        follow_customers(work)
        work.write_history()
        _place_cursor(connection, run)
        _close(run)
        attention.close_item(connection, Cause.IMPORT_FAILED)
        # Events that came during the import only raised `wanted`: nobody waits to serve them.
        Connection.objects.filter(pk=connection.pk).update(wanted=F("wanted") + 1)


def _place_cursor(connection: Connection, run: Run) -> None:
    """A first import, or a reset, begins anew; any other leaves the cursor where it is.

    It has read no invoices: what happened to them since the cursor is the next pull's.
    """
    if run.read_from is None or (connection.cursor and run.kind != Run.Kind.RESET):
        return
    Run.objects.filter(connection=connection, kind=Run.Kind.PULL, status=Run.Status.RUNNING).update(
        status=Run.Status.STOPPED, finished_at=Now(), message="A reset took its place."
    )
    connection.cursor = run.read_from - OVERLAP
    connection.catch_up = None
    connection.save(update_fields=["cursor", "catch_up"])


def _close(run: Run) -> None:
    sums = run.progress.aggregate(
        created=Sum("created"), updated=Sum("updated"), skipped=Sum("skipped")
    )
    Run.objects.filter(pk=run.pk).update(
        status=Run.Status.DONE, finished_at=Now(), message=run.message, **sums
    )
