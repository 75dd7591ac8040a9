"""kill -9 of production's worker, `manage.py qcluster`, at points of its push."""

from __future__ import annotations

import time

from django_q.models import OrmQ

from integrations.models import OutboxEntry
from tests import worker_process
from tests.chaos.table import Flow, beside

#: A worker that comes to no point has done its work long before, in seconds.
LONGEST = 45.0


def rows(names):
    """The calls, and what is committed around them."""
    met = {}
    for place, name in enumerate(names):
        count = met[name] = met.get(name, -1) + 1
        if name.endswith("commit") or name.split()[1] in ("GET", "POST"):
            yield f"{place:03} {name} / qcluster kill -9", killed(f"{name}#{count}")


def killed(point):
    def run(emulator):
        flow = Flow(emulator)
        environment = worker_process.environment(
            **emulator.environment,
            DJANGO_SETTINGS_MODULE="tests.chaos.settings",
            CHAOS_DIE_AT=point,
        )
        with beside(flow.pull_for_ever), worker_process.worker(environment) as cluster:
            until = time.monotonic() + LONGEST
            while cluster.poll() is None and time.monotonic() < until and _busy():
                time.sleep(0.05)
        OrmQ.objects.all().delete()
        return flow.verdict()

    return run


def _busy():
    return OutboxEntry.objects.exists() or OrmQ.objects.exists()
