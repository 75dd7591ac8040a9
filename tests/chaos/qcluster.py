"""kill -9 of production's worker, `manage.py qcluster`, at points of its push."""

from __future__ import annotations

import time

from django_q.models import OrmQ

from integrations.models import OutboxEntry
from tests.chaos.clusters import cluster
from tests.chaos.table import Flow, beside

#: A worker that comes to no point has done its work long before, in seconds.
LONGEST = 45.0


def rows(names):
    """The calls, and what is committed around them."""
    met = {}
    for place, name in enumerate(names):
        count = met[name] = met.get(name, -1) + 1
        if name.endswith("commit") or name.split()[1] in ("GET", "POST"):
            yield f"{place:03} {name} / qcluster kill -9", killed(name, count)


def killed(name, count):
    def run(emulator):
        flow = Flow(emulator)
        with beside(flow.pull_for_ever), cluster(emulator) as ours:
            ours.order(["integrations.tasks.push"], name, count, everybody=True)
            until = time.monotonic() + LONGEST
            while ours.process.poll() is None and time.monotonic() < until and _busy():
                time.sleep(0.05)
            found = [] if ours.obeyed else ["it never came by this point"]
        OrmQ.objects.all().delete()
        return found + flow.verdict()

    return run


def _busy():
    return OutboxEntry.objects.exists() or OrmQ.objects.exists()
