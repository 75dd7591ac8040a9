"""A large import whose worker is killed with -9 again and again (R3, R16): it resumes, ends with
exactly the right rows, and reads hardly more than one that was left alone.

The moments are drawn from the whole of it: before it has read a row, in either list, and in its
end, which chooses main customers and places the cursor. A lock holds it in that part until the
kill, however slow or fast the machine is.
"""

from __future__ import annotations

import contextlib
import math
import random
import time
from collections import Counter

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from contacts.models import FieldChange
from contacts.services.history import CREATED
from integrations.importing.read_ahead import AHEAD
from integrations.models import (
    CustomerLink,
    ImportProgress,
    ItemLink,
    Lease,
    Reason,
    Run,
    SetAside,
)
from integrations.pulling.pages import PLACE
from tests import worker_process
from tests.chaos.clusters import cluster
from tests.chaos.seen import differences
from tests.chaos.sides import empty
from tests.engine.threads import eventually

#: Old enough that the pull after the import does not look back on what was imported.
SETTLED_SECONDS = 3600
#: A page is asked for while this many seconds pass, so that kills find some in flight.
SLOW = 0.15
PATIENCE = 120


BEGINNING, CUSTOMERS, ITEMS, END = "at its beginning", "in customers", "in items", "at its end"
PARTS = (BEGINNING, CUSTOMERS, ITEMS, END)
#: Every so many times the whole cluster dies with its worker, else it replaces it.
WHOLE = 4
#: Beginning and end are drawn as often as so many rows.
WEIGHT = 4000


class KilledImport:
    """One run; `facts` says what it took, behind its name in the table."""

    def __init__(self, *, customers, items, kills, seed):
        self.customers, self.items, self.kills = customers, items, kills
        self.chance = random.Random(seed)
        self.killed = Counter()
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
        _set_aside_earlier(world.connection)
        clusters = _Clusters(emulator)
        with contextlib.closing(clusters):
            for number, (part, rows) in enumerate(self._moments(), start=1):
                with _kept_in(part, run):
                    clusters.work()
                    eventually(lambda part=part, rows=rows: _is_at(run, part, rows), PATIENCE)
                    # Before, while or after the next page, or what the end does, is written.
                    time.sleep(self.chance.random() * 2 * SLOW)
                    clusters.kill(everybody=number % WHOLE == 0)
                    self.killed[_part(run)] += 1
                worker_process.minutes_pass()
            clusters.work()
            eventually(lambda: _ended(run), PATIENCE)
        world.emulator.control("DELETE", "failures")
        worker_process.minutes_pass()
        world.work()
        return self._verdict(world, run, time.monotonic() - started)

    def _moments(self):
        """One in each part, the others anywhere; in order, each as (part, rows read by then)."""
        spans = {
            BEGINNING: range(-WEIGHT, 0),
            CUSTOMERS: range(1, self.customers),
            ITEMS: range(self.customers, self.customers + self.items),
            END: range(self.customers + self.items, self.customers + self.items + WEIGHT),
        }
        anywhere = [(part, rows) for part, span in spans.items() for rows in span]
        drawn = [(part, self.chance.choice(span)) for part, span in spans.items()]
        drawn += self.chance.choices(anywhere, k=self.kills - len(spans))
        return sorted(drawn, key=lambda moment: moment[1])

    def _verdict(self, world, run, seconds):
        run.refresh_from_db()
        store = world.emulator.store(world.realm)
        there = {kind: len(store[kind]) for kind in ("Customer", "Item")}
        reads, budget = len(world.reads()), sum(math.ceil(n / 1000) for n in there.values()) + 10
        # What the dead worker had asked for and not written: the pages ahead, and the one in hand.
        lost = self.kills * (AHEAD + 1)
        kills = ", ".join(f"{self.killed[part]} {part}" for part in PARTS)
        self.facts = f": {reads} reads of {budget} + {lost} in flight, {kills}"
        self.facts += f", {self.kills // WHOLE} of a whole cluster, {seconds:.0f} s"
        found = differences(world)
        found += [f"no kill {part}" for part in PARTS if not self.killed[part]]
        if run.status != Run.Status.DONE:
            found.append(f"the import is {run.status}: {run.message}")
        if reads > budget + lost:
            found.append(f"{reads} reads, {budget} + {lost} would do")
        found += _counts(run, there)
        return found + _rows(store)


class _Clusters:
    """One at a time. After a death nothing goes on before it is told to."""

    def __init__(self, emulator):
        self._emulator = emulator
        self._stack = contextlib.ExitStack()
        self._running = None

    def work(self):
        if self._running is None:
            self._running = self._stack.enter_context(cluster(self._emulator))
        self._running.go_on()

    def kill(self, *, everybody):
        if everybody:
            self.close()
        else:
            self._running.kill_worker()
            self._running.hold()

    def close(self):
        self._stack.close()
        self._running = None


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


def _set_aside_earlier(connection):
    """A row that another reading could not read, of each kind: the end of its list forgets it."""
    SetAside.objects.bulk_create(
        SetAside(
            connection=connection,
            kind=kind,
            external_id=f"{PLACE}1",
            reason=Reason.UNREADABLE,
            since=timezone.now(),
        )
        for kind in ("Customer", "Item")
    )


@contextlib.contextmanager
def _kept_in(part, run):
    """Keep the import from leaving this part: it waits for a row that the last step there writes.

    Its first page writes the run's row, and so does its end; the end of each list writes what was
    set aside at a place of it.
    """
    rows = {
        BEGINNING: Run.objects.filter(pk=run.pk),
        CUSTOMERS: SetAside.objects.filter(kind="Customer", external_id=f"{PLACE}1"),
        ITEMS: SetAside.objects.filter(kind="Item", external_id=f"{PLACE}1"),
        END: Run.objects.filter(pk=run.pk),
    }
    with transaction.atomic():
        rows[part].select_for_update(no_key=True).get()
        yield


def _is_at(run, part, rows):
    """Whether a worker is at it, and has come so far."""
    held = Lease.objects.filter(name=Lease.Name.PULL, until__gt=timezone.now()).exists()
    if part == END:
        return held and not _open_lists(run)
    return held and _done(run) >= rows


def _part(run):
    if not _done(run):
        return BEGINNING
    still_open = _open_lists(run)
    return {"Customer": CUSTOMERS, "Item": ITEMS}[still_open[0]] if still_open else END


def _open_lists(run):
    return list(run.progress.filter(finished_at=None).values_list("kind", flat=True))


def _done(run):
    return run.progress.aggregate(done=Sum("done"))["done"]


def _ended(run):
    return Run.objects.get(pk=run.pk).status != Run.Status.RUNNING
