"""What the CRM does with the connection: import, poll, notification, token refresh, Reset and
Disconnect; each acts in the midst of a company that both sides know, and judges its end.
"""

from __future__ import annotations

from contextlib import suppress

from integrations import disconnecting, importing, tasks
from integrations.models import (
    Attention,
    Cause,
    Connection,
    CustomerLink,
    InvoiceLink,
    Run,
    WebhookEvent,
)
from integrations.pulling import wake
from tests import worker_process
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, empty, fresh, let_time_pass


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

    def begin(self):
        """The same, where workers of their own do what it takes."""
        self.act()

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
        last = Run.objects.imports().last()
        if last is None or last.status != Run.Status.FAILED:
            return []
        asked = Attention.objects.filter(closed_at=None, cause=Cause.IMPORT_FAILED).exists()
        self.world.import_again(last.kind)
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

    def begin(self):
        worker_process.a_minute_passes()


class Notified(Poll):
    """The same changes and a merge, brought by Intuit; killed, it is brought again."""

    name = "webhook"
    alone = frozenset({"bea@example.com"})

    def changes(self, world):
        self.post = Post(world.emulator)
        self.post.collect()
        # All in one delivery, however long the changes take: each has a commit of its own.
        world.emulator.switch(event_delay_seconds=60)
        super().changes(world)
        world.act("Customer", self.bea, "merge", into=self.ada["Id"])
        world.emulator.advance(61)
        self.bodies = self.post.collect()
        world.emulator.switch(event_delay_seconds=0)

    def act(self):
        for body in self.bodies:
            deliver(body)

    def begin(self):
        self.act()

    def again(self):
        self.act()
        self.world.work()

    def unequal(self):
        found = super().unequal()
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

    def begin(self):
        worker_process.a_minute_passes()

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
        self.before = self.invoices
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

    def unequal(self):
        before = InvoiceLink.objects.filter(external_id__in=self.before, frozen_at=None)
        return [*super().unequal(), *(f"not frozen: {each}" for each in before)]

    def again(self):
        if not Run.objects.filter(kind=Run.Kind.RESET).exists():
            self.act()

    def verdict(self):
        let_time_pass()
        self.again()
        calm(self.world)
        found = self.answered()
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
