"""A large import whose worker is killed with -9 again and again (R3, R16): it resumes, ends with
exactly the right rows, and reads hardly more than one that was left alone.
"""

from __future__ import annotations

import math
import random
import time

from django.utils import timezone

from contacts.models import FieldChange
from contacts.services.history import CREATED
from integrations.importing.read_ahead import AHEAD
from integrations.models import CustomerLink, ImportProgress, ItemLink, Lease, Run
from tests import worker_process
from tests.chaos.seen import differences
from tests.chaos.sides import empty
from tests.engine.threads import eventually

#: Old enough that the pull after the import does not look back on what was imported.
SETTLED_SECONDS = 3600
#: A page is asked for while this many seconds pass, so that kills find some in flight.
SLOW = 0.15
PATIENCE = 120


class KilledImport:
    """One run; `facts` says what it took, behind its name in the table."""

    def __init__(self, *, customers, items, kills, seed):
        self.customers, self.items, self.kills = customers, items, kills
        self.chance = random.Random(seed)
        self.facts = ""

    def __call__(self, emulator):
        started = time.monotonic()
        world = empty(emulator)
        world.emulator.generate(world.realm, customers=self.customers, items=self.items)
        world.emulator.advance(SETTLED_SECONDS)
        world.emulator.fail(mode="slow", path="/query", seconds=SLOW)
        world.connect()
        world.emulator.forget_requests()
        run = Run.objects.get()
        environment = worker_process.environment(**emulator.environment)
        for threshold in sorted(self.chance.randrange(self.customers) for _ in range(self.kills)):
            with worker_process.worker(environment):
                eventually(lambda rows=threshold: _is_past(rows), PATIENCE)
                # Before, while or after the next page is written.
                time.sleep(self.chance.random() * 2 * SLOW)
            worker_process.minutes_pass()
        if _ended(run):
            return ["it ended before the last kill"]
        with worker_process.worker(environment):
            eventually(lambda: _ended(run), PATIENCE)
        world.emulator.control("DELETE", "failures")
        worker_process.minutes_pass()
        world.work()
        return self._verdict(world, run, time.monotonic() - started)

    def _verdict(self, world, run, seconds):
        run.refresh_from_db()
        store = world.emulator.store(world.realm)
        there = {kind: len(store[kind]) for kind in ("Customer", "Item")}
        reads, budget = len(world.reads()), sum(math.ceil(n / 1000) for n in there.values()) + 10
        # What the dead worker had asked for and not written: the pages ahead, and the one in hand.
        lost = self.kills * (AHEAD + 1)
        self.facts = f": {reads} reads of {budget} + {lost} in flight, {self.kills} kills,"
        self.facts += f" {seconds:.0f} s"
        found = differences(world)
        if run.status != Run.Status.DONE:
            found.append(f"the import is {run.status}: {run.message}")
        if reads > budget + lost:
            found.append(f"{reads} reads, {budget} + {lost} would do")
        found += _counts(run, there)
        return found + _rows(store)


def _counts(run, there):
    """What the card says in the end is exact, however often the worker died."""
    found = []
    for progress in ImportProgress.objects.filter(run=run):
        sums = progress.created + progress.updated + progress.unchanged + progress.skipped
        told = (progress.done, progress.total, sums)
        if set(told) != {there[progress.kind]}:
            found.append(f"{progress.kind}: {told} of {there[progress.kind]}")
    return found


def _rows(store):
    """Each link holds the row as it is there, and each record was made once."""
    found = []
    for kind, links in (("Customer", CustomerLink), ("Item", ItemLink)):
        rows = {row["Id"]: int(row["SyncToken"]) for row in store[kind]}
        odd = [
            external_id
            for external_id, token in links.objects.values_list("external_id", "sync_token")
            if rows.get(external_id) != token
        ]
        found += [f"{kind} {external_id} is another one there" for external_id in odd]
    made = FieldChange.objects.filter(field=CREATED).count()
    records = CustomerLink.objects.values("contact").distinct().count() + ItemLink.objects.count()
    if made != records:
        found.append(f"{records} records were made, the history says {made}")
    return found


def _is_past(rows):
    """Whether a worker is at it, and has come so far."""
    held = Lease.objects.filter(name=Lease.Name.PULL, until__gt=timezone.now()).exists()
    return held and (not rows or ImportProgress.objects.filter(done__gte=rows - 999).exists())


def _ended(run):
    return Run.objects.get(pk=run.pk).status != Run.Status.RUNNING
