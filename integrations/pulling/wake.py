from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django_q.tasks import async_task

from integrations.models import Connection


def wake(connection_id: int, *, at_once: bool = False) -> None:
    """Ask for a pull. Idempotent: while one is waiting to start, another wish costs one update.

    May be called inside a transaction; the wish and its task become visible together. A wish may
    also be left from a pull that failed, or found the connection paused; the next poll serves it.
    Where a person waits for the answer, `at_once` has a worker look without waiting for the poll.
    """
    with transaction.atomic():
        # Each wish raises the number; a pull that is working sees it and goes round once more.
        waiting = Connection.objects.select_for_update(no_key=True).filter(
            pk=connection_id, wanted__gt=F("served")
        )
        already = waiting.exists()
        Connection.objects.filter(pk=connection_id).update(wanted=F("wanted") + 1)
        if at_once or not already:
            async_task("integrations.tasks.pull", connection_id)
