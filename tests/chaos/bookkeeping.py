"""What a bookkeeper does in QuickBooks on a day: QuickBooks' own rules are kept."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.chaos.acting import MAYBE, PICK, Acting, act
from tests.chaos.memory import SHARED, Memory

#: No address, one of one's own, or one that several may have.
OWN = "own"
ADDRESS = st.sampled_from([None, None, OWN, OWN, *sorted(SHARED)])
TURNS = st.sampled_from(["inactivate", "reactivate"])
DAYS = st.integers(10, 28)
PRICES = st.sampled_from([10, 19.99, 0.35])
#: Of what is owed, and what comes on top of it.
PARTS = st.sampled_from([1, 0.5])
EXTRA = st.sampled_from([0, 5])


class Bookkeeping(Acting):
    def __init__(self):
        super().__init__()
        self.customers, self.items, self.invoices, self.payments = [], [], [], []
        self.memory = Memory()

    # --- customers and items ---

    @act(address=ADDRESS)
    def add_customer(self, address):
        self.count += 1
        email = self.address(address)
        self.customers.append(self.world.customer(f"Person {self.count}", email))

    @act(pick=PICK, address=ADDRESS)
    def add_sub_customer(self, pick, address):
        """Without an address of its own it has none, whatever its parent has (R6)."""
        parent = self.customers[pick % len(self.customers)]
        if self.is_active(parent):
            self.count += 1
            email = self.address(address)
            under = {"ParentRef": {"value": parent["Id"]}, "Job": True}
            self.customers.append(self.world.customer(f"Project {self.count}", email, **under))

    @act(pick=PICK)
    def edit_customer(self, pick):
        self.change("Customer", self.customers, pick, CompanyName=f"Company {self.value()}")

    @act(pick=PICK, address=ADDRESS.filter(bool))
    def change_email(self, pick, address):
        told = {"Address": self.address(address)}
        self.change("Customer", self.customers, pick, PrimaryEmailAddr=told)

    @act(pick=PICK, gives=MAYBE)
    def remove_or_give_email(self, pick, gives):
        """Only of customers the CRM does not know: a known one would keep its old address."""
        known = self.memory.possible["Customer"]
        strangers = [each for each in self.customers if each["Id"] not in known]
        address = {"Address": f"{self.value()}@example.com" if gives else ""}
        self.change("Customer", strangers, pick, PrimaryEmailAddr=address)

    @act(pick=PICK, verb=TURNS)
    def turn_off_or_on(self, pick, verb):
        self.do("Customer", self.customers, pick, verb)

    @act(pick=PICK, into=PICK)
    def merge_customers(self, pick, into):
        """QuickBooks merges only what stands under one parent."""
        active = [each for each in self.customers if self.is_active(each)]
        if not active:
            return
        loser = active.pop(pick % len(active))
        alike = [each for each in active if self.parent_of(each) == self.parent_of(loser)]
        if len(alike) > 1:
            self.world.act("Customer", loser, "merge", into=alike[into % len(alike)]["Id"])
            self.customers.remove(loser)
            self.memory.merged.add(loser["Id"])

    @act()
    def add_item(self):
        self.count += 1
        self.items.append(self.world.item(f"Item {self.count}", f"{self.count}.25"))

    @act(pick=PICK)
    def edit_item(self, pick):
        self.count += 1
        self.change("Item", self.items, pick, UnitPrice=self.count + 0.5)

    @act(pick=PICK, verb=TURNS)
    def turn_item_off_or_on(self, pick, verb):
        self.do("Item", self.items, pick, verb)

    @act(pick=PICK, into=PICK)
    def merge_items(self, pick, into):
        active = [each for each in self.items if self.stored("Item", each)["Active"]]
        if len(active) > 2:
            loser = active.pop(pick % len(active))
            self.world.act("Item", loser, "merge", into=active[into % len(active)]["Id"])
            self.items.remove(loser)

    # --- invoices and payments ---

    @act(pick=PICK, item=PICK, quantity=st.integers(1, 5), price=PRICES)
    def invoice(self, pick, item, quantity, price):
        customer = self.customers[pick % len(self.customers)]
        if self.is_active(customer):
            line = {
                "DetailType": "SalesItemLineDetail",
                "Amount": round(quantity * price, 2),
                "SalesItemLineDetail": {
                    "ItemRef": {"value": self.items[item % len(self.items)]["Id"]},
                    "Qty": quantity,
                    "UnitPrice": price,
                },
            }
            told = {"CustomerRef": {"value": customer["Id"]}, "Line": [line]}
            self.invoices.append(self.world.emulator.add(self.world.realm, "Invoice", told))

    @act(pick=PICK, day=DAYS)
    def edit_invoice(self, pick, day):
        self.change("Invoice", self.invoices, pick, DueDate=f"2031-01-{day}")

    @act(pick=PICK, part=PARTS, extra=EXTRA)
    def pay(self, pick, part, extra):
        first, amount, customer = self.owed(pick, part)
        if amount:
            paid = self.world.payment(customer, (first, amount), total=round(amount + extra, 2))
            self.payments.append(paid)

    @act(pick=PICK, part=PARTS, item=PICK)
    def credit(self, pick, part, item):
        first, amount, customer = self.owed(pick, part)
        if amount:
            item = self.items[item % len(self.items)]
            self.payments.append(self.world.credit(customer, item, first, amount))

    @act(pick=PICK)
    def unapply(self, pick):
        """QuickBooks refuses it while the customer is inactive."""
        stored = [self.stored("Payment", each) for each in self.payments]
        possible = [each for each in stored if self.is_active({"Id": each["CustomerRef"]["value"]})]
        self.change("Payment", possible, pick, Line=[])

    @act(pick=PICK)
    def void_payment(self, pick):
        self.do("Payment", self.payments, pick, "void")

    @act(pick=PICK)
    def void(self, pick):
        self.do("Invoice", self.unpaid(), pick, "void")

    @act(pick=PICK)
    def delete_payment(self, pick):
        self.do("Payment", self.payments, pick, "delete", gone_from=self.payments)

    @act(pick=PICK)
    def delete_invoice(self, pick):
        self.do("Invoice", self.unpaid(), pick, "delete", gone_from=self.invoices)

    # --- how ---

    def stored(self, kind, row):
        return self.rows(kind).get(row["Id"])

    def owed(self, pick, part):
        """An invoice, so much of what is owed on it, and who may pay it now."""
        stored = [self.stored("Invoice", each) for each in self.invoices]
        owed = [each for each in stored if each and each["Balance"] > 0]
        if not owed:
            return None, 0, None
        first = owed[pick % len(owed)]
        customer = {"Id": first["CustomerRef"]["value"]}
        amount = round(first["Balance"] * part, 2) if self.is_active(customer) else 0
        return first, amount, customer

    def is_active(self, customer):
        return self.stored("Customer", customer).get("Active", True)

    def address(self, told):
        """A new one for each who asks for one of his own."""
        return f"{self.value()}@example.com" if told == OWN else told

    def parent_of(self, customer):
        return self.stored("Customer", customer).get("ParentRef", {}).get("value")

    def unpaid(self):
        stored = [self.stored("Invoice", each) for each in self.invoices]
        return [each for each in stored if each and each["Balance"] == each["TotalAmt"]]

    def change(self, kind, rows, pick, **content):
        if rows:
            self.world.change(kind, rows[pick % len(rows)], **content)

    def do(self, kind, rows, pick, verb, *, gone_from=None):
        if rows:
            row = rows[pick % len(rows)]
            self.world.act(kind, row, verb)
            if gone_from is not None:
                gone_from[:] = [each for each in gone_from if each["Id"] != row["Id"]]
