"""A bookkeeper's random days: whatever is done in QuickBooks, and whatever becomes of the
notifications, the calls and the worker, both sides are equal in the end as a user sees them.
"""

from __future__ import annotations

import os
import random
import signal
from contextlib import suppress

from contacts.models import Contact
from integrations import tasks
from integrations.models import Attention, Cause, Connection, CustomerLink, InvoiceLink, Run
from integrations.quickbooks.faults import QuickBooksError
from tests.chaos.inbound import INBOUND_FAULTS
from tests.chaos.points import Points, watched
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, fresh, in_a_process, let_time_pass
from tests.engine import agreement

STEPS = 60
#: How many points a poll comes by at most.
POINTS = 30
#: A month is more than CDC looks back.
MONTH = 31 * 86_400


def runner(seed, steps=STEPS):
    def run(emulator):
        day = Day(fresh(emulator), seed)
        day.go(steps)
        found = day.judge()
        return [*found, *day.told] if found else []

    return run


class Day:
    """Acts at random; `told` is what was done, in order."""

    def __init__(self, world, seed):
        self.world = world
        self.chance = random.Random(seed)
        self.customers, self.items, self.invoices, self.payments = [], [], [], []
        self.number = self.merges = 0
        self.bodies = []
        self.told = []
        self.post = Post(world.emulator, form=self.chance.choice(["cloudevents", "legacy"]))
        for _ in range(3):
            self.add_customer()
        self.items.append(world.item("Advice", "50.00"))

    def go(self, steps):
        for _ in range(steps):
            act = self.chance.choices(*_CHOICES)[0]
            self.told.append(act)
            getattr(self, act)()

    def judge(self):
        """Time passes, and Intuit delivers at last what it still has: then both are equal."""
        self.world.emulator.control("DELETE", "failures")
        self.collect()
        for body in self.bodies:
            deliver(body)
        let_time_pass()
        calm(self.world)
        found = self.answered()
        calm(self.world)
        store = self.world.emulator.store(self.world.realm)
        linked = set(CustomerLink.objects.values_list("external_id", flat=True))
        theirs = agreement.welcome_customers(store) | linked
        invoices = {
            row["Id"] for row in store.get("Invoice", []) if row["CustomerRef"]["value"] in theirs
        }
        # Deleted before anybody here saw it, an invoice was never here.
        gone = InvoiceLink.objects.exclude(gone_at=None)
        invoices |= set(gone.values_list("external_id", flat=True))
        alone = set(
            Contact.objects.exclude(
                pk__in=CustomerLink.objects.filter(gone_at=None).values("contact")
            ).values_list("email", flat=True)
        )
        found += differences(self.world, invoices=invoices, known=linked, alone=alone)
        if len(alone) > self.merges:
            found.append(f"{alone} are alone after {self.merges} merges")
        return found

    def answered(self):
        """A person does what an open item asks for; complains where nothing asks."""
        found = []
        causes = set(Attention.objects.filter(closed_at=None).values_list("cause", flat=True))
        if self.world.connection.status != Connection.Status.CONNECTED:
            # The answer to a refresh was lost, and with it the only token.
            self.world.connect()
            found += [] if Cause.RECONNECT in causes else ["lost, and nobody is told"]
        if Run.objects.filter(status=Run.Status.FAILED).exists():
            self.world.import_again()
        return found

    # --- in QuickBooks ---

    def add_customer(self):
        self.number += 1
        email = f"p{self.number}@example.com" if self.chance.random() < 0.8 else None
        self.customers.append(self.world.customer(f"Person {self.number}", email))

    def edit_customer(self):
        self.number += 1
        self.change("Customer", self.customers, CompanyName=f"Company {self.number}")

    def change_email(self):
        self.number += 1
        address = f"new{self.number}@example.com"
        self.change("Customer", self.customers, PrimaryEmailAddr={"Address": address})

    def remove_or_give_email(self):
        """Only of customers the CRM does not know: a known one would keep its old address."""
        linked = set(CustomerLink.objects.values_list("external_id", flat=True))
        strangers = [each for each in self.customers if each["Id"] not in linked]
        self.number += 1
        address = self.chance.choice(["", f"given{self.number}@example.com"])
        self.change("Customer", strangers, PrimaryEmailAddr={"Address": address})

    def turn_off_or_on(self):
        self.act("Customer", self.customers, self.chance.choice(["inactivate", "reactivate"]))

    def merge_customers(self):
        active = [c for c in self.customers if self.stored("Customer", c).get("Active", True)]
        if len(active) > 2:
            loser, survivor = self.chance.sample(active, 2)
            self.world.act("Customer", loser, "merge", into=survivor["Id"])
            self.customers.remove(loser)
            self.merges += 1

    def add_item(self):
        self.number += 1
        self.items.append(self.world.item(f"Item {self.number}", f"{self.number}.25"))

    def edit_item(self):
        self.number += 1
        self.change("Item", self.items, UnitPrice=self.number + 0.5)

    def invoice(self):
        customer = self.chance.choice(self.customers)
        if self.stored("Customer", customer).get("Active", True):
            quantity, price = self.chance.randint(1, 5), self.chance.choice([10, 19.99, 0.35])
            amount = round(quantity * price, 2)
            line = {
                "DetailType": "SalesItemLineDetail",
                "Amount": amount,
                "SalesItemLineDetail": {
                    "ItemRef": {"value": self.chance.choice(self.items)["Id"]},
                    "Qty": quantity,
                    "UnitPrice": price,
                },
            }
            told = {"CustomerRef": {"value": customer["Id"]}, "Line": [line]}
            self.invoices.append(self.world.emulator.add(self.world.realm, "Invoice", told))

    def edit_invoice(self):
        self.change("Invoice", self.invoices, DueDate=f"2031-01-{self.chance.randint(10, 28)}")

    def pay(self):
        open_ones = [
            stored
            for each in self.invoices
            if (stored := self.stored("Invoice", each)) and stored["Balance"] > 0
        ]
        if open_ones:
            first = self.chance.choice(open_ones)
            customer = {"Id": first["CustomerRef"]["value"]}
            amount = round(first["Balance"] * self.chance.choice([1, 0.5]), 2)
            extra = self.chance.choice([0, 5])
            if amount and self.stored("Customer", customer).get("Active", True):
                self.payments.append(
                    self.world.payment(customer, (first, amount), total=round(amount + extra, 2))
                )

    def repay(self):
        # QuickBooks refuses it while the customer is inactive.
        stored = [self.stored("Payment", each) for each in self.payments]
        possible = [
            each
            for each in stored
            if self.stored("Customer", {"Id": each["CustomerRef"]["value"]}).get("Active", True)
        ]
        self.change("Payment", possible, Line=[])

    def void(self):
        self.act("Invoice", self.unpaid(), "void")

    def delete_payment(self):
        self.act("Payment", self.payments, "delete", gone_from=self.payments)

    def delete_invoice(self):
        self.act("Invoice", self.unpaid(), "delete", gone_from=self.invoices)

    # --- notifications ---

    def collect(self):
        self.bodies += self.post.collect()

    def deliveries_come(self):
        """Some twice and in any order, some later."""
        self.collect()
        self.chance.shuffle(self.bodies)
        some = self.bodies[: self.chance.randint(0, len(self.bodies))]
        for body in some + some[:2]:
            deliver(body)
        self.bodies = self.bodies[len(some) :]
        self.world.work()

    def deliveries_are_lost(self):
        """Only that of a merge is not: nothing else tells of it, and Intuit repeats it for days."""
        self.collect()
        self.bodies = [body for body in self.bodies if b"erge" in body]

    # --- in the CRM ---

    def poll(self):
        self.world.poll()

    def import_again(self):
        self.world.import_again()

    def time_passes(self):
        let_time_pass()
        self.world.emulator.advance(self.chance.choice([60, 600, 7200]))

    def month_passes(self):
        self.world.emulator.advance(MONTH)
        let_time_pass()
        self.world.poll()

    def trouble(self):
        rule = INBOUND_FAULTS[self.chance.choice(sorted(INBOUND_FAULTS.keys() - {"slow"}))]
        path = self.chance.choice(["/cdc", "/query", "/oauth2/"])
        self.world.emulator.fail(path=path, count=1, **rule)

    def killed(self):
        """The worker dies somewhere in its poll."""
        place = self.chance.randrange(POINTS)

        def work():
            die = Points(place, lambda: os.kill(os.getpid(), signal.SIGKILL))
            with watched(die), suppress(QuickBooksError):
                tasks._attend(self.world.connection)

        os.waitpid(in_a_process(work), 0)

    # --- how ---

    def stored(self, kind, row):
        rows = self.world.emulator.store(self.world.realm).get(kind, [])
        return next((each for each in rows if each["Id"] == row["Id"]), None)

    def unpaid(self):
        stored = [self.stored("Invoice", each) for each in self.invoices]
        return [each for each in stored if each and each["Balance"] == each["TotalAmt"]]

    def change(self, kind, rows, **content):
        if rows:
            self.world.change(kind, self.chance.choice(rows), **content)

    def act(self, kind, rows, verb, *, gone_from=None):
        if rows:
            row = self.chance.choice(rows)
            self.world.act(kind, row, verb)
            if gone_from is not None:
                gone_from[:] = [each for each in gone_from if each["Id"] != row["Id"]]


_WEIGHTS = {
    "add_customer": 2,
    "edit_customer": 2,
    "change_email": 2,
    "remove_or_give_email": 2,
    "turn_off_or_on": 2,
    "merge_customers": 1,
    "add_item": 1,
    "edit_item": 2,
    "invoice": 5,
    "edit_invoice": 2,
    "pay": 4,
    "repay": 1,
    "void": 1,
    "delete_payment": 1,
    "delete_invoice": 1,
    "deliveries_come": 5,
    "deliveries_are_lost": 2,
    "poll": 4,
    "import_again": 1,
    "time_passes": 2,
    "month_passes": 0.3,
    "trouble": 3,
    "killed": 3,
}
_CHOICES = (list(_WEIGHTS), list(_WEIGHTS.values()))
