"""A bookkeeper's random day: whatever is done in QuickBooks, both sides are equal in the end."""

from __future__ import annotations

import logging
import random

import pytest

from contacts.models import Contact
from integrations.models import CustomerLink, Run
from tests.engine import agreement
from tests.engine.test_payments import assert_adds_up

log = logging.getLogger(__name__)
STEPS = 45


class Day:
    """Acts at random, and keeps what the CRM has had a chance to see."""

    def __init__(self, world, seed):
        self.world = world
        self.chance = random.Random(seed)
        self.customers, self.items, self.invoices, self.payments = [], [], [], []
        self.known, self.seen = set(), set()
        self.number = 0
        for _ in range(3):
            self.add_customer()
        self.items.append(world.item("Advice", "50.00"))

    def go(self):
        acts = [
            self.add_customer,
            self.edit_customer,
            self.change_email,
            self.remove_or_give_email,
            self.turn_off_or_on,
            self.add_item,
            self.edit_item,
            self.invoice,
            self.invoice,
            self.invoice,
            self.edit_invoice,
            self.pay,
            self.pay,
            self.repay,
            self.void,
            self.delete_payment,
            self.delete_invoice,
            self.pull,
            self.pull,
            self.pull_twice,
            self.import_again,
        ]
        for _ in range(STEPS):
            self.chance.choice(acts)()
        self.pull()

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
        strangers = [c for c in self.customers if c["Id"] not in self.known]
        self.number += 1
        address = self.chance.choice(["", f"given{self.number}@example.com"])
        self.change("Customer", strangers, PrimaryEmailAddr={"Address": address})

    def turn_off_or_on(self):
        self.act("Customer", self.customers, self.chance.choice(["inactivate", "reactivate"]))

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
        possible = [
            each
            for each in self.payments
            if self.stored("Customer", {"Id": each["CustomerRef"]["value"]}).get("Active", True)
        ]
        self.change("Payment", possible, Line=[])

    def void(self):
        unpaid = [
            each
            for each in self.invoices
            if (stored := self.stored("Invoice", each)) and stored["Balance"] == stored["TotalAmt"]
        ]
        self.act("Invoice", unpaid, "void")

    def delete_payment(self):
        self.act("Payment", self.payments, "delete", gone=True)

    def delete_invoice(self):
        unpaid = [
            each
            for each in self.invoices
            if (stored := self.stored("Invoice", each)) and stored["Balance"] == stored["TotalAmt"]
        ]
        self.act("Invoice", unpaid, "delete", gone=True, among=self.invoices)

    # --- in the CRM ---

    def pull(self):
        self.world.pull()
        self.look()

    def pull_twice(self):
        """As for a notification that is delivered twice."""
        self.pull()
        self.pull()

    def import_again(self):
        assert self.world.import_again().status == Run.Status.DONE
        self.look()

    def look(self):
        store = self.world.emulator.store(self.world.realm)
        self.known |= agreement.welcome_customers(store)
        self.seen |= {
            each["Id"]
            for each in store.get("Invoice", [])
            if each["CustomerRef"]["value"] in self.known
        }

    # --- how ---

    def stored(self, kind, row):
        rows = self.world.emulator.store(self.world.realm).get(kind, [])
        return next((each for each in rows if each["Id"] == row["Id"]), None)

    def change(self, kind, rows, **content):
        if rows:
            self.world.change(kind, self.chance.choice(rows), **content)

    def act(self, kind, rows, verb, *, gone=False, among=None):
        if rows:
            row = self.chance.choice(rows)
            self.world.act(kind, row, verb)
            if gone:
                (among if among is not None else rows).remove(row)


@pytest.mark.parametrize("round_", range(2))
def test_both_sides_are_equal_after_a_random_day(connected, client, round_):
    seed = random.randrange(1_000_000)
    log.warning("seed %s", seed)
    day = Day(connected, seed)
    day.go()

    client.force_login(connected.admin)
    store = connected.emulator.store(connected.realm)
    agreement.assert_contacts_agree(client, store, known=day.known)
    agreement.assert_products_agree(client, store)
    agreement.assert_invoices_agree(client, store, since=day.seen)
    agreement.assert_lines_agree(client, store, since=day.seen)
    assert_adds_up()
    assert CustomerLink.objects.filter(is_main=True).count() == Contact.objects.count()
    assert not Run.objects.filter(status__in=["running", "failed"]).exists()
