"""Our own work in a thread of its own, with a database connection of its own."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection as database
from django.db import connections


@contextmanager
def meanwhile(work, *args):
    """Run `work(*args)` beside the block; yields its future and waits for it at the end."""

    def run():
        try:
            return work(*args)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


def eventually(condition, seconds=10.0):
    """Wait until it holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)


def somebody_waits_for_a_lock():
    with database.cursor() as cursor:
        # A transaction looks once, unless it is told to look again.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0
