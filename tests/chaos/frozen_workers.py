"""Two clusters: one stands still, with its worker at a point of its pull, as a machine does that
was suspended; a worker of the other one comes, and the first wakes up again.
"""

from __future__ import annotations

import signal
import time

from django_q.models import OrmQ

from tests import worker_process
from tests.chaos import flows
from tests.chaos.clusters import cluster
from tests.chaos.dying_workers import PATIENCE, TASKS, at_rest, begun, came_by, verdict
from tests.chaos.post import Post, deliver
from tests.engine.threads import eventually, meanwhile, somebody_waits_for_a_lock

TAKEN = "after insert integrations_lease"


def rows(recorded):
    """Every row as (name, what runs it): at each recorded point of a poll.

    Each of two workers may ask once, and once more for a wish that came while it asked.
    """
    points, reads = recorded
    places = f"at {len(points)} points"
    yield (
        f"poll: qcluster stands still, its lease expires / {places}",
        Frozen(points, lease_expires, 2 * reads),
    )
    yield (
        f"poll: qcluster stands still, a change is told / {places}",
        Frozen(points, change_is_told, 2 * reads + 1),
    )


# --- what happens meanwhile; returns the tasks that nobody else can do ---


def lease_expires(flow):
    """Minutes pass: the lease is free, and the queue hands out again what nobody acknowledged."""
    worker_process.minutes_pass()
    return set()


def change_is_told(flow):
    """The wish comes while one pull goes on, up to its very end; no tick mends what is lost."""
    held = _queued()
    post = Post(flow.world.emulator)
    flow.world.change("Customer", flow.bea, CompanyName="Meanwhile")
    for body in post.collect():
        deliver(body)
    return held


class Frozen:
    """One telling for each of these points, by the same two clusters."""

    def __init__(self, points, happens, most):
        self.points, self.happens, self.most = points, happens, most
        self.overtaken = 0
        self.facts = ""

    def __call__(self, emulator):
        started = time.monotonic()
        found = []
        with cluster(emulator) as ours, cluster(emulator) as theirs:
            for point in self.points:
                found += [f"{point}: {each}" for each in self._told(emulator, ours, theirs, point)]
        if not self.overtaken:
            found.append("the other worker never pulled meanwhile")
        self.facts = f": {self.overtaken} times the other one pulled meanwhile,"
        self.facts += f" {time.monotonic() - started:.0f} s"
        return found

    def _told(self, emulator, ours, theirs, point):
        theirs.hold()
        theirs.order(TASKS)
        flow = begun(ours, flows.Poll, emulator, *point, by=signal.SIGSTOP, everybody=True)
        if not came_by(ours):
            return ["it never came by this point"]
        with meanwhile(self.happens, flow) as happened:
            theirs.go_on()
            eventually(
                lambda: (
                    (happened.done() and _queued() <= happened.result())
                    or somebody_waits_for_a_lock()
                ),
                PATIENCE,
            )
            overtaken = "after GET cdc" in theirs.points
            had_only_read = _kept(ours) == 0
            ours.go_on()
        eventually(lambda: at_rest(ours, theirs), PATIENCE)
        theirs.hold()
        self.overtaken += overtaken
        reads = len(flow.world.reads())
        found = [f"{reads} reads, {self.most} would do"] if reads > self.most else []
        if overtaken and had_only_read and _kept(ours):
            found.append("it kept what it had read, and its lease was lost")
        return found + verdict(ours, flow)


def _kept(ours):
    """How often it has committed since it took its lease; None if it took none."""
    points = ours.points
    if TAKEN not in points:
        return None
    return points[len(points) - points[::-1].index(TAKEN) :].count("after commit")


def _queued():
    return set(OrmQ.objects.values_list("pk", flat=True))
