"""Import, poll, notification, token refresh, Reset and Disconnect, each crossed with what may go
wrong at every point of a clean run: before and after each HTTP call and each commit.

Whatever it was, once time has passed both sides are equal as a user sees them.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from integrations import disconnecting, importing, tasks
from integrations.models import (
    Attention,
    Cause,
    Connection,
    CustomerLink,
    InvoiceLink,
    Lease,
    Run,
    WebhookEvent,
)
from integrations.pulling import wake
from integrations.quickbooks.faults import QuickBooksError
from tests.chaos.points import Moment, Points, watched
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, empty, fresh, in_a_process, let_time_pass
from tests.chaos.table import FAULTS, overtake, wait_for_others

DAY = 86_400
TROUBLE = '{"Fault":{"Error":[{"Message":"An application error","code":"10000"}]}}'
INBOUND_FAULTS = {
    **FAULTS,
    "502 page": {"mode": "status", "status": 502, "body": "<html>", "content_type": "text/html"},
    "no answer": {"mode": "timeout", "seconds": 0.2},
    "never arrived": {"mode": "timeout_before", "seconds": 0.2},
    "slow": {"mode": "slow", "seconds": 0.4},
    "200 with Fault": {"mode": "status", "status": 200, "body": TROUBLE},
    "200 with a page": {"mode": "status", "status": 200, "body": "<html>"},
}


class Flow:
    """Something that the CRM does with the connection; both sides know each other before it."""

    name = ""
    #: Invoices that are to be here in the end.
    invoices = frozenset()
    #: Addresses of contacts whose customer is gone there: nobody is merged by itself.
    alone = frozenset()

    def __init__(self, emulator):
        self.world = self.prepared(emulator)
        self.pk = self.world.connection.pk

    def prepared(self, emulator):
        return self.met(fresh(emulator))

    def met(self, world):
        """People and papers that were there before."""
        self.ada = world.customer()
        self.bea = world.customer("Bea Miles", "bea@example.com")
        self.item = world.item()
        self.paid, self.open, self.gone = (world.invoice(self.ada, self.item) for _ in range(3))
        self.payment = world.payment(self.ada, (self.paid, 50))
        self.invoices = {each["Id"] for each in (self.paid, self.open, self.gone)}
        world.pull()
        return world

    def work(self):
        """What is watched; the queue is worked off to its end."""
        self.act()
        with suppress(AssertionError):
            self.world.work()

    def act(self):
        raise NotImplementedError

    def again(self):
        """What whoever began it does when he finds it undone, after a while."""

    def verdict(self):
        """What is wrong once time has passed, in words."""
        let_time_pass()
        self.again()
        calm(self.world)
        found = self.answered()
        calm(self.world)
        here = self.world.connection
        if here.wanted != here.served or here.catch_up is not None:
            found.append(f"{here.wanted} wanted, {here.served} served, {here.catch_up}")
        return found + self.unequal()

    def unequal(self):
        return differences(self.world, invoices=self.invoices, alone=self.alone)

    def answered(self):
        """A person does what an open item asks for; complains where nothing asks."""
        failed = Run.objects.filter(status=Run.Status.FAILED).last()
        if failed is None:
            return []
        asked = Attention.objects.filter(closed_at=None, cause=Cause.IMPORT_FAILED).exists()
        self.world.import_again(failed.kind)
        return [] if asked else ["the import failed and nobody is told"]


class Import(Flow):
    """Two pages of customers, connected a moment ago."""

    name = "import"

    def prepared(self, emulator):
        world = empty(emulator)
        world.emulator.generate(world.realm, customers=1010, items=20)
        world.emulator.advance(3600)
        world.connect()
        return world

    def act(self):
        """The task waits in the queue."""


class Poll(Flow):
    """All kinds of change between two polls, and one that lets in what had waited."""

    name = "poll"

    def met(self, world):
        self.nobody = world.customer("No Address", email=None)
        world = super().met(world)
        self.waiting = world.invoice(self.nobody, self.item)
        world.pull()
        self.changes(world)
        self.invoices |= {self.waiting["Id"], self.new["Id"]}
        return world

    def changes(self, world):
        world.change("Customer", self.ada, CompanyName="Engines", PrimaryPhone={})
        world.change("Item", self.item, UnitPrice=120, Description="By the hour")
        world.change("Customer", self.nobody, PrimaryEmailAddr={"Address": "now@example.com"})
        world.change("Invoice", self.open, DueDate="2031-01-20")
        world.act("Invoice", self.gone, "delete")
        world.act("Payment", self.payment, "delete")
        cid = world.customer("Cid Campeador", "cid@example.com")
        self.new = world.invoice(cid, world.item("Rope", "4.50"), quantity=3, price=4.5)
        world.payment(cid, (self.new, 13.5))

    def act(self):
        tasks._attend(Connection.objects.get(pk=self.pk))


class Notified(Poll):
    """The same changes and a merge, brought by Intuit; killed, it is brought again."""

    name = "webhook"
    alone = frozenset({"bea@example.com"})

    def changes(self, world):
        self.post = Post(world.emulator)
        self.post.collect()
        super().changes(world)
        world.act("Customer", self.bea, "merge", into=self.ada["Id"])
        self.bodies = self.post.collect()

    def act(self):
        for body in self.bodies:
            deliver(body)

    def again(self):
        self.act()
        self.world.work()

    def verdict(self):
        found = super().verdict()
        if not CustomerLink.objects.filter(external_id=self.bea["Id"]).exclude(gone_at=None):
            found.append("the merge was not applied")
        if WebhookEvent.objects.filter(operation__in=["merged", "deleted"], applied_at=None):
            found.append("an event is left")
        return found


class Refresh(Flow):
    """The access token is over; the refresh token stays as it is."""

    name = "refresh"
    hours = 2
    grace = 0
    may_end = False

    def met(self, world):
        world = super().met(world)
        world.emulator.switch(old_refresh_token_grace_hours=self.grace)
        world.emulator.advance(self.hours * 3600)
        world.change("Customer", self.ada, CompanyName="Engines")
        return world

    def act(self):
        tasks._attend(Connection.objects.get(pk=self.pk))

    def answered(self):
        if self.world.connection.status != Connection.Status.RECONNECT_NEEDED:
            return super().answered()
        found = [] if self.may_end else ["the connection was lost"]
        if not Attention.objects.filter(closed_at=None, cause=Cause.RECONNECT).exists():
            found.append("the connection is lost and nobody is told")
        self.world.connect()
        return found


class RefreshWithGrace(Refresh):
    """Intuit gives another refresh token, and takes the former one for a while."""

    name = "refresh, rotated, with grace"
    hours = 25
    grace = 24


class RefreshWithoutGrace(RefreshWithGrace):
    """The answer that nobody kept held the only token: then a person must connect again."""

    name = "refresh, rotated, without grace"
    grace = 0
    may_end = True


class Reset(Flow):
    """R19: what was invoiced before stays as it is, what comes after goes on."""

    name = "reset"

    def met(self, world):
        world = super().met(world)
        world.emulator.advance(5)
        world.change("Customer", self.ada, CompanyName="Engines")
        return world

    def act(self):
        importing.start(
            self.world.connection,
            kind=Run.Kind.RESET,
            trigger=Run.Trigger.PERSON,
            by=self.world.admin,
        )

    def again(self):
        if not Run.objects.filter(kind=Run.Kind.RESET).exists():
            self.act()

    def verdict(self):
        let_time_pass()
        self.again()
        calm(self.world)
        found = self.answered()
        unfrozen = InvoiceLink.objects.filter(external_id__in=self.invoices, frozen_at=None)
        found += [f"not frozen: {each}" for each in unfrozen]
        new = self.world.invoice(self.ada, self.item)
        self.invoices = {*self.invoices, new["Id"]}
        return found + super().verdict()


class Disconnect(Flow):
    """R20, R21: the tokens go, the records stay, and the same company comes back."""

    name = "disconnect"

    def act(self):
        disconnecting.disconnect(self.world.connection, self.world.admin)

    def again(self):
        if self.world.connection.status != Connection.Status.DISCONNECTED:
            self.act()

    def verdict(self):
        let_time_pass()
        self.again()
        found = self.silence()
        self.world.connect()
        calm(self.world)
        return found + self.answered() + self.unequal()

    def silence(self):
        """Nothing is kept that opens QuickBooks, and nothing is asked any more."""
        here = self.world.connection
        found = [] if not (here.access_token or here.refresh_token) else ["tokens are kept"]
        if here.status != Connection.Status.DISCONNECTED:
            found.append(f"it is {here.status}")
        self.world.emulator.forget_requests()
        wake(self.pk)
        calm(self.world)
        asked = self.world.emulator.requests("/v3/") + self.world.emulator.requests("/oauth2/")
        return found + [f"asked after Disconnect: {each['path']}" for each in asked]


FLOWS = (
    Import,
    Poll,
    Notified,
    Refresh,
    RefreshWithGrace,
    RefreshWithoutGrace,
    Reset,
    Disconnect,
)


# --- who overtakes ---


def other_worker(flow):
    """Another worker is woken, and finds our lease."""
    overtake(lambda: _whatever_is_due(flow))


def lease_lost(flow):
    """Ours ran out under us, and another worker has gone on."""

    def take_over():
        Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
        _whatever_is_due(flow)

    overtake(take_over)


def change_meanwhile(flow):
    """A customer changes, and its notification comes in this very moment."""

    def change():
        customer = flow.world.emulator.store(flow.world.realm)["Customer"][0]
        flow.world.change("Customer", customer, CompanyName="Meanwhile")
        _whatever_is_due(flow)

    overtake(change)


def _whatever_is_due(flow):
    wake(flow.pk)
    for run in Run.objects.filter(status=Run.Status.RUNNING, kind__in=["import", "reset"]):
        tasks.continue_import(run.pk)
    tasks.pull(flow.pk)


OVERTAKEN = {
    "other worker": other_worker,
    "lease lost": lease_lost,
    "change meanwhile": change_meanwhile,
}
#: Two workers may be at these; a button is pressed by one.
SHARED = (Import, Poll, Notified)


# --- rows ---


def rows(emulator):
    """Every row as (name, what runs it)."""
    for kind in FLOWS:
        points = record(emulator, kind)
        for name, count in points:
            yield f"{kind.name}: {name} #{count} / kill -9", killed(kind, name, count)
            if kind in SHARED:
                for what, act in OVERTAKEN.items():
                    row = f"{kind.name}: {name} #{count} / {what}"
                    yield row, overtaken(kind, name, count, act)
        for name, count in points:
            _, method, path = (*name.split(), "")[:3]
            if name.startswith("before") and method in ("GET", "POST"):
                for what, rule in INBOUND_FAULTS.items():
                    row = f"{kind.name}: {method} {path} #{count} / {what}"
                    yield row, refused(kind, method, path, count, rule)


def record(emulator, kind):
    """The points of a clean run, each with how often its name was met before."""
    points, flow = Points(), kind(emulator)
    with watched(points, everywhere=True):
        flow.work()
    assert not (found := flow.verdict()), found
    met = {}
    numbered = []
    for name in points.names:
        numbered.append((name, met.get(name, 0)))
        met[name] = met.get(name, 0) + 1
    return numbered


def killed(kind, name, count):
    def run(emulator):
        flow = kind(emulator)

        def work():
            die = Moment(name, count, lambda: os.kill(os.getpid(), signal.SIGKILL))
            with watched(die, everywhere=True):
                flow.work()

        _, end = os.waitpid(in_a_process(work), 0)
        found = [] if os.WTERMSIG(end) == signal.SIGKILL else ["it never came by this point"]
        return found + flow.verdict()

    return run


def overtaken(kind, name, count, act):
    def run(emulator):
        flow = kind(emulator)
        moment = Moment(name, count, lambda: act(flow))
        with watched(moment, everywhere=True):
            flow.work()
        wait_for_others()
        # Nothing but what was enqueued: no poll helps a wake-up that was lost.
        flow.world.work()
        here = flow.world.connection
        found = [] if moment.left < 0 else ["it never came by this point"]
        # Whoever lost his lease in an import leaves it, and the wake-up, to the tick.
        if here.wanted != here.served and not _is_importing():
            found.append("a wake-up was lost")
        return found + flow.verdict()

    return run


def _is_importing():
    return Run.objects.filter(status=Run.Status.RUNNING, kind__in=["import", "reset"]).exists()


def refused(kind, method, path, count, rule):
    def run(emulator):
        flow = kind(emulator)
        target = path if path.startswith("/") else f"/{path}"
        emulator.fail(method=method, path=target, nth=count + 1, **rule)
        with suppress(QuickBooksError):
            flow.work()
        found = [] if emulator.control("GET", "failures")[0]["used"] else ["no such call was made"]
        emulator.control("DELETE", "failures")
        return found + flow.verdict()

    return run
