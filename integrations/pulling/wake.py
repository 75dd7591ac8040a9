from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django_q.tasks import async_task

from integrations.models import Connection


def wake(connection_id: int) -> None:
    """Ask for a pull. Idempotent: while one is waiting to start, another wish costs one update.

    May be called inside a transaction; the wish and its task become visible together.
    """
    with transaction.atomic():
        # Each wish raises the number; a pull that is working sees it and goes round once more.
        waiting = Connection.objects.select_for_update().filter(
            pk=connection_id, wanted__gt=F("served")
        )
        already = waiting.exists()
        Connection.objects.filter(pk=connection_id).update(wanted=F("wanted") + 1)
        if not already:
            async_task("integrations.tasks.pull", connection_id)
