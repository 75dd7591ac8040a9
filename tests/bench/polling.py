"""A poll that finds nothing new: what the tick does for a connection every minute."""

from __future__ import annotations

import statistics
import time

from tests.bench import surroundings
from tests.bench.importing import reads
from tests.bench.report import percentile

POLLS = 50
#: What a poll may write to: where it stands and what it cost. Anything else holds records.
BOOKKEEPING = {
    "integrations_connection",
    "integrations_dailycount",
    "integrations_lease",
    "integrations_rategate",
    "integrations_run",
}


def measure(report, emulator, repeats, say):
    from integrations import tasks
    from integrations.models import Connection
    from tests.bench.pacing import lift

    say(f"{POLLS} idle polls, {repeats} times")
    lift()
    connected(emulator)
    tasks._attend(Connection.objects.get())  # the pull that every import ends with was due

    emulator.forget_requests()
    before = _written()
    rounds = [_round() for _ in range(repeats)]
    written = {table for table, number in _written().items() if number != before.get(table, 0)}
    report.at_most("idle poll: reads", len(reads(emulator)) / (POLLS * repeats), 1)
    report.at_most("  tables of records written to", len(written - BOOKKEEPING), 0)
    best = min(rounds, key=statistics.median)
    report.at_most("  own time, median", statistics.median(best), 25, "ms")
    report.fact("  own time, p95", percentile(best, 95), "ms")


def _round():
    """Milliseconds of our own in each poll: all but the request."""
    from integrations import tasks
    from integrations.models import Connection

    own = []
    with Wire() as wire:
        for _ in range(POLLS):
            wire.seconds = 0.0
            started = time.perf_counter()
            tasks._attend(Connection.objects.working().get())
            own.append((time.perf_counter() - started - wire.seconds) * 1000)
    return own


def connected(emulator, customers=200, items=50):
    """Connect a company with some records, imported and settled; returns its realm."""
    from django_q.models import OrmQ

    from integrations import tasks

    emulator.reset()
    realm = emulator.company("Bench & Sons Ltd")
    emulator.generate(realm, customers=customers, items=items)
    emulator.advance(3600)
    surroundings.empty_tables()
    surroundings.connect(emulator, realm)
    while (queued := OrmQ.objects.order_by("id").first()) is not None:
        task = queued.task
        queued.delete()
        getattr(tasks, task["func"].rpartition(".")[2])(*task["args"])
    return realm


class Wire:
    """Counts the seconds that requests spend on the way and at the other side."""

    seconds = 0.0

    def __enter__(self):
        import requests

        self._request = requests.Session.request
        wire = self

        def timed(session, *args, **options):
            started = time.perf_counter()
            try:
                return wire._request(session, *args, **options)
            finally:
                wire.seconds += time.perf_counter() - started

        requests.Session.request = timed
        return self

    def __exit__(self, *_):
        import requests

        requests.Session.request = self._request


def _written():
    """Rows inserted, changed and deleted so far, by table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT 1")
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")
        return dict(cursor.fetchall())
