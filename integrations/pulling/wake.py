from __future__ import annotations

from django.db import connection as database
from django.db import transaction
from django_q.tasks import async_task


def wake(connection_id: int, *, at_once: bool = False) -> None:
    """Ask for a pull. Idempotent: while one is waiting to start, another wish costs one update.

    May be called inside a transaction; the wish and its task become visible together. A wish may
    also be left from a pull that failed, or found the connection paused; the next poll serves it.
    Where a person waits for the answer, `at_once` has a worker look without waiting for the poll.
    """
    with transaction.atomic():
        already = _wish(connection_id)
        if at_once or not already:
            async_task("integrations.tasks.pull", connection_id)


def _wish(connection_id: int) -> bool:
    """Leave a wish to whoever pulls next; tells whether there was one already.

    Each wish raises the number; a pull that is working sees it and goes round once more.
    """
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_connection SET wanted = wanted + 1 WHERE id = %s"
            " RETURNING wanted - 1 > served",
            [connection_id],
        )
        row = cursor.fetchone()
        return row is not None and row[0]
