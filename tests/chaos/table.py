"""The table: every recorded point of the push flow, crossed with what may go wrong there (R16)."""

from __future__ import annotations

import os
import queue
import re
import signal
import threading
import time
from contextlib import closing, suppress
from datetime import timedelta
from decimal import Decimal

from django.db import connection, connections
from django.db.models import F
from django.utils import timezone

from contacts.models import Contact, Invoice, Payment, Product
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line, create_draft, mark_paid
from integrations import tasks
from integrations.models import Connection, OutboxEntry
from tests.chaos.points import Points, watched
from tests.chaos.sides import calm, complaints, fresh, in_a_process, questions
from tests.factories import ContactFactory, ProductFactory

#: How often we look whether the other one waits for us, and when something is amiss, in seconds.
GLANCE = 0.02
PATIENCE = 30.0
PULL_PAUSE = 0.05
FAULTS = {
    "reset before": {"mode": "reset_before"},
    "reset after": {"mode": "reset_after"},
    "500": {"mode": "status", "status": 500, "body": "<html>"},
    "429": {"mode": "throttle"},
    "truncated": {"mode": "truncate"},
    "401": {"mode": "unauthorized"},
}


class Flow:
    """A contact, a product, an invoice and its payment, all new; something changes there too."""

    def __init__(self, emulator):
        self.world = fresh(emulator)
        self.old = self.world.customer("Old Friend", "old@example.com")
        self.world.pull()
        #: A company is born with some.
        self.items = Product.objects.count()
        contact = ContactFactory(email="new@example.com", first_name="New", last_name="One")
        product = ProductFactory(name="Oak table", full_name="Oak table", sku="OAK-1")
        draft = create_draft(
            contact, [Line(product, "Oak table", Decimal(3), Decimal("33.33"))], currency="USD"
        )
        self.world.change("Customer", self.old, PrimaryPhone={"FreeFormNumber": "555"})
        mark_paid(draft)
        self.phone = ""
        self.pk = self.world.connection.pk

    def work(self):
        self.world.work()

    def run(self, points):
        """The worker under watch, a pull beside it."""
        with beside(self.pull_for_ever), watched(points):
            self.work()

    def pull_for_ever(self, stop):
        """A new wish only when the last one is served: a pull that overtakes has an end, too."""
        while not stop.wait(PULL_PAUSE):
            self.pull(wanted=F("served"))

    def pull(self, **when):
        """Woken by nobody: a task in the queue would be one for the watched worker."""
        connection = Connection.objects.filter(pk=self.pk)
        connection.filter(**when).update(wanted=F("wanted") + 1)
        tasks.pull(self.pk)

    # --- what happens at a point ---

    def kill(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def other_worker(self):
        overtake(lambda: tasks.push(self.pk))

    def double_click(self):
        overtake(lambda: mark_paid(Invoice.objects.get()))

    def own_webhook(self):
        overtake(self.pull)

    def edit(self):
        """A person edits the contact in this very moment: that must arrive as well."""
        self.phone = "777"
        # Not on this thread's connection, which may be in the midst of a commit.
        overtake(
            lambda: update_contact(
                Contact.objects.get(email="new@example.com"), {"phone": self.phone}
            )
        )

    def claim_lost(self):
        """The worker was away for so long that another one took over."""
        long_ago = timezone.now() - timedelta(seconds=1)

        def take_over():
            OutboxEntry.objects.update(claimed_until=long_ago)
            tasks.push(self.pk)

        overtake(take_over)

    def verdict(self):
        """What is wrong in the end, in words."""
        calm(self.world)
        found = complaints(self.world) + questions()
        store = self.world.emulator.store(self.world.realm)
        for kind, count in (
            ("Customer", 2),
            ("Item", self.items + 1),
            ("Invoice", 1),
            ("Payment", 1),
        ):
            if len(store.get(kind, [])) != count:
                found.append(f"{len(store.get(kind, []))} x {kind} there")
        for model, count in ((Contact, 2), (Product, self.items + 1), (Invoice, 1), (Payment, 1)):
            if model.objects.count() != count:
                found.append(f"{model.objects.count()} x {model.__name__} here")
        if Invoice.objects.get().balance or store["Invoice"][0]["Balance"]:
            found.append("not paid on both sides")
        if not Contact.objects.filter(email="old@example.com", phone="555").exists():
            found.append("the change made there did not come in")
        new = next(row for row in store["Customer"] if row["DisplayName"] == "New One")
        if new.get("PrimaryPhone", {}).get("FreeFormNumber", "") != self.phone:
            found.append("the edit made meanwhile did not go out")
        return found


AT_POINTS = {
    "two workers": Flow.other_worker,
    "double click": Flow.double_click,
    "own webhook first": Flow.own_webhook,
    "edit meanwhile": Flow.edit,
    "claim lost": Flow.claim_lost,
}


def record(emulator):
    """The points of a clean run, by name and number."""
    points = Points()
    flow = Flow(emulator)
    flow.run(points)
    found = flow.verdict()
    assert not found, found
    return points.names


def rows(names):
    """Every row of the table as (name, what runs it)."""
    for place, point in enumerate(names):
        yield f"{place:03} {point} / kill -9", _killed(place)
        for what, act in AT_POINTS.items():
            yield f"{place:03} {point} / {what}", _overtaken(place, act)
    calls = list(dict.fromkeys(n.removeprefix("before ") for n in names if _is_call(n)))
    for call in calls:
        for what, rule in FAULTS.items():
            yield f"{call} / {what}", _refused(call, rule)


def _is_call(name):
    return re.match(r"before (GET|POST) ", name)


def _killed(place):
    def run(emulator):
        flow = Flow(emulator)

        def work():
            with watched(Points(place, flow.kill)):
                flow.work()

        child = in_a_process(work)
        with beside(flow.pull_for_ever):
            os.waitpid(child, 0)
        return flow.verdict()

    return run


def _overtaken(place, act):
    def run(emulator):
        flow = Flow(emulator)
        flow.run(Points(place, lambda: act(flow)))
        return flow.verdict()

    return run


def _refused(call, rule):
    def run(emulator):
        flow = Flow(emulator)
        method, path = call.split(" ", 1)
        emulator.fail(method=method, path=f"/{path}", count=1, **rule)
        flow.run(Points())
        return flow.verdict()

    return run


def overtake(work):
    """Somebody else does this now; we go on after him, or when he waits for a lock of ours."""
    backend = queue.SimpleQueue()
    thread = threading.Thread(target=_told_where, args=(work, backend), daemon=True)
    thread.start()
    _others.append(thread)
    ours, theirs = _backend(), backend.get()
    until = time.monotonic() + PATIENCE
    with closing(connection.copy()) as onlooker, onlooker.cursor() as cursor:
        while thread.is_alive() and not _waits(cursor, theirs, {ours}):
            assert time.monotonic() < until, "who overtakes us neither ends nor waits for us"
            thread.join(GLANCE)


def _told_where(work, backend):
    connection.ensure_connection()
    backend.put(_backend())
    _alone(work)


def _backend():
    """The server's process for this thread's connection."""
    return connection.connection.info.backend_pid


def _waits(cursor, backend, held):
    """Whether it waits for a lock of these, or of one who does."""
    cursor.execute("SELECT pg_blocking_pids(%s)", [backend])
    blockers = set(cursor.fetchone()[0])
    return bool(blockers & held) or any(_waits(cursor, e, held) for e in blockers)


_others = []


def wait_for_others():
    """Until everybody who overtook has done what he wanted."""
    while _others:
        _others.pop().join()


class beside:
    """Run `work(stop)` in a thread of its own beside the block, and wait for all others too."""

    def __init__(self, work):
        self.stop = threading.Event()
        self.thread = threading.Thread(target=_alone, args=(lambda: work(self.stop),))

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        wait_for_others()


def _alone(work):
    from integrations.quickbooks.faults import QuickBooksError

    try:
        # What keeps a worker from going on is told to the queue, and tried again.
        with suppress(QuickBooksError):
            work()
    finally:
        connections.close_all()
