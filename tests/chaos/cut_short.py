"""QuickBooks says nothing for longer than a task may take: the queue cuts the task (R16).

django-q raises its TimeoutException, no Exception, where the worker happens to wait; a worker
that does not come to an end even so, since its threads wait for pages, is ended three seconds
later. Either way another worker takes its place, and the task counts as not done.
"""

from __future__ import annotations

import time

from django.utils import timezone

from integrations.models import Lease
from tests.chaos import flows
from tests.chaos.clusters import cluster
from tests.chaos.dying_workers import LOST, PATIENCE, at_rest, begun, resumed
from tests.engine.threads import eventually

#: A task may take so long, in seconds, and QuickBooks takes longer.
TIMEOUT = 5
SILENCE = {"mode": "timeout", "seconds": 60}
#: The call that is never answered. Of an import's queries the fourth is a page that is read ahead:
#: such a worker is ended with its lease in hand, which then runs out.
CALLS = (
    (flows.Poll, "/cdc", 1, "in its main thread", False),
    (flows.Reset, "/preferences", 1, "in its main thread", False),
    (flows.Import, "/query", 4, "for a thread that reads ahead", True),
)


def rows(recorded):
    """Every row as (name, what runs it)."""
    for kind, path, nth, where, keeps in CALLS:
        _, reads = recorded[kind]
        silence = {**SILENCE, "path": path, "nth": nth}
        yield f"{kind.name}: cut by the queue, waiting {where}", cut(kind, silence, reads, keeps)


def cut(kind, silence, reads, keeps):
    def run(emulator):
        started = time.monotonic()
        with cluster(emulator, CHAOS_QUEUE_TIMEOUT=str(TIMEOUT)) as ours:
            eventually(lambda: ours.workers, PATIENCE)
            flow = begun(ours, kind, emulator, failing=silence)
            eventually(lambda: ours.workers or at_rest(ours), PATIENCE)
            found = [] if ours.workers else ["it was not cut"]
            if _is_held() != keeps:
                found.append(f"its lease is held: {not keeps}")
            found += resumed(ours, flow, reads + LOST)
        waited = time.monotonic() - started >= SILENCE["seconds"]
        return found + ["somebody waited for the end of the silence"] * waited

    return run


def _is_held():
    return Lease.objects.filter(until__gt=timezone.now()).exists()
