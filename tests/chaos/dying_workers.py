"""A real `manage.py qcluster` whose worker is killed with -9 at each point of an import, a poll, a
notification's pull, a refresh and a reset.

The points are recorded from a clean run of the same cluster. Whatever dies, nobody helps: the
cluster replaces its worker, or another cluster is started; time passes, so that the queue hands
out again what nobody acknowledged; and the schedule enqueues its tick.
"""

from __future__ import annotations

import contextlib
import sys
import time

from django_q.models import OrmQ

from integrations.importing.read_ahead import AHEAD
from tests import worker_process
from tests.chaos import flows
from tests.chaos.clusters import cluster
from tests.engine.threads import eventually

KINDS = (
    flows.Import,
    flows.Poll,
    flows.Notified,
    flows.RefreshWithoutGrace,
    flows.Reset,
)
#: Tellings that share a cluster: to start one takes longer than a telling.
AT_ONCE = 12
TASKS = tuple(f"integrations.tasks.{each}" for each in ("tick", "pull", "continue_import"))
PATIENCE = 60
#: Until a page is written, a reset's next worker reads the company's settings and lists anew.
SETTINGS = 4
#: What a dead worker had asked for and not written: besides them the pages ahead, and the one in
#: hand. The tick that passes meanwhile polls.
LOST = SETTINGS + AHEAD + 1 + 1


def recorded(emulator):
    """For each kind the points of a clean run, and its reads."""
    with cluster(emulator) as ours:
        return {kind: _record(ours, kind, emulator) for kind in KINDS}


def rows(recorded):
    """Every row as (name, what runs it)."""
    for kind, (points, reads) in recorded.items():
        for first in range(0, len(points), AT_ONCE):
            some = points[first : first + AT_ONCE]
            places = f"points {first + 1} to {first + len(some)} of {len(points)}"
            killed = Killed(kind, some, reads, cluster_too=True)
            yield f"{kind.name}: qcluster's worker dies / {places}", killed


def _record(ours, kind, emulator):
    """The points of a clean run, each with how often its name was met before; and its reads."""
    flow = begun(ours, kind, emulator)
    eventually(lambda: at_rest(ours), PATIENCE)
    reads, names = len(flow.world.reads()), ours.points
    found = verdict(ours, flow)
    assert not found, found
    points = _numbered(names)
    told = _told_apart(points)
    sys.stdout.write(f"{kind.name}: {len(points)} points of a qcluster, {len(told)} told apart\n")
    return told, reads


def _numbered(names):
    met = {}
    points = []
    for name in names:
        points.append((name, met.get(name, 0)))
        met[name] = met.get(name, 0) + 1
    return points


def _told_apart(points):
    """After one thing and before the next nothing lies between: one death stands for both."""
    before = [("", 0), *points]
    return [
        point
        for (former, _), point in zip(before, points, strict=False)
        if not (former.startswith("after") and point[0].startswith("before"))
    ]


class Killed:
    """One telling for each of these points; at the last one the whole cluster may die."""

    def __init__(self, kind, points, reads, *, cluster_too=False):
        self.kind, self.points, self.reads = kind, points, reads
        self.cluster_too = cluster_too
        self.facts = ""

    def __call__(self, emulator):
        started = time.monotonic()
        found = []
        most = 0
        with contextlib.ExitStack() as stack:
            ours = stack.enter_context(cluster(emulator))
            for point in self.points:
                everybody = self.cluster_too and point == self.points[-1]
                flow = begun(ours, self.kind, emulator, *point, everybody=everybody)
                told = [] if came_by(ours) else ["it never came by this point"]
                if everybody:
                    stack.close()
                    ours = stack.enter_context(cluster(emulator))
                told += resumed(ours, flow, self.reads + LOST)
                most = max(most, len(flow.world.reads()))
                found += [f"{point}: {each}" for each in told]
        self.facts = f": at most {most} reads, {self.reads} without a death,"
        self.facts += f" {time.monotonic() - started:.0f} s"
        return found


def begun(ours, kind, emulator, *point, failing=None, **orders):
    """Both sides are prepared while the cluster is held; then it is its turn."""
    ours.hold()
    flow = kind(emulator)
    emulator.forget_requests()
    if failing:
        emulator.fail(**failing)
    ours.order(TASKS, *point, **orders)
    flow.begin()
    ours.go_on()
    return flow


def came_by(ours):
    """Whether it has come by the point, or to its end without."""
    eventually(lambda: ours.obeyed or at_rest(ours), PATIENCE)
    return ours.obeyed


def resumed(ours, flow, most):
    worker_process.minutes_pass()
    worker_process.a_minute_passes()
    eventually(lambda: at_rest(ours), PATIENCE)
    reads = len(flow.world.reads())
    found = [f"{reads} reads, {most} would do"] if reads > most else []
    return found + verdict(ours, flow)


def at_rest(*clusters):
    """Whether nothing is queued, and nothing under way."""
    return not OrmQ.objects.exists() and all(each.is_idle for each in clusters)


def verdict(ours, flow):
    """What is wrong, in words, before anybody does anything about it."""
    ours.hold()
    found = flow.answered()
    flow.world.work()
    here = flow.world.connection
    if here.wanted != here.served or here.catch_up is not None:
        found.append(f"{here.wanted} wanted, {here.served} served, {here.catch_up}")
    return found + flow.unequal()
