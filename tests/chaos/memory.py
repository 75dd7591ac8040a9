"""What the CRM could see in QuickBooks, remembered by the story itself and not by the engine."""

from __future__ import annotations

import functools
from collections import defaultdict

from tests.engine.agreement import (
    address_of,
    export,
    invoices_of,
    told_fields,
    welcome_customers,
)
from tests.signing_in import signed_in

#: Addresses that several customers may have.
SHARED = {f"team{number}@example.com" for number in range(5)}

#: What becomes a record here when the CRM looks; what is inactive then does not (R3).
WELCOME = {
    "Customer": lambda row: address_of(row) and row.get("Active", True),
    "Item": lambda row: row["Type"] != "Category" and row.get("Active", True),
}


def looking(function):
    """An act in which the CRM may look into QuickBooks; nothing changes there meanwhile."""

    @functools.wraps(function)
    def remembered(self, **drawn):
        before = self.world.connection
        self.memory.note(self.world, self.memory.possible)
        result = function(self, **drawn)
        after = self.world.connection
        # What goes on half done has read some of it before.
        if before.catch_up is None and after.last_pull_at != before.last_pull_at:
            self.memory.note(self.world, self.memory.certain)
        return result

    return remembered


class Memory:
    """Ids by kind: of what may have been seen, and of what was, for the CRM says that it looked.

    A look that failed or was killed may have seen all, something or nothing.
    """

    def __init__(self):
        self.possible, self.certain = defaultdict(set), defaultdict(set)
        #: Of each customer: the addresses its contact may have by what was seen of it.
        self.addresses = defaultdict(set)
        #: All that it was ever seen with.
        self.had = defaultdict(set)
        #: The ids of customers that were merged into others.
        self.merged = set()

    def note(self, world, seen):
        store = world.emulator.store(world.realm)
        for kind, is_welcome in WELCOME.items():
            seen[kind] |= {row["Id"] for row in store.get(kind, []) if is_welcome(row)}
        seen["Invoice"] |= invoices_of(store, seen["Customer"])
        for row in store["Customer"]:
            if row["Id"] in seen["Customer"]:
                if seen is self.certain:
                    self.addresses[row["Id"]].clear()
                self.addresses[row["Id"]].add(address_of(row).lower())
                self.had[row["Id"]].add(address_of(row).lower())

    def expected(self, world):
        """What is to be here (`seen.differences`); of what is uncertain, what is shown."""
        store = world.emulator.store(world.realm)
        client = signed_in(world.admin)
        shown = {row["quickbooks_id"] for row in export(client, "/invoices/")}
        theirs = welcome_customers(store)
        return {
            "invoices": invoices_of(store, theirs | self.certain["Customer"])
            | self.certain["Invoice"]
            | (self.possible["Invoice"] | invoices_of(store, self.possible["Customer"])) & shown,
            "items": (self.certain["Item"], self.possible["Item"]),
            "contacts": self.assert_contacts_agree,
        }

    def assert_contacts_agree(self, client, store):
        """Each contact has the fields of one customer, its main one; every known customer has one.

        Which of several is the main one depends on who came first: its family name tells.
        """
        customers = {row["FamilyName"]: row for row in store["Customer"]}
        there = {row["Id"] for row in store["Customer"]}
        shown = {row["email"].lower(): row for row in export(client, "/contacts/")}
        mains = {}
        for email, row in shown.items():
            main = customers.get(row["last_name"])
            if main is None:
                self.assert_left_alone(email, row)
            else:
                assert mains.setdefault(main["Id"], row) is row, f"two of {main['Id']}"
                assert main["Id"] in self.possible["Customer"], f"{main['Id']} was never active"
                assert row["quickbooks_id"] in there, f"{row} names one who is gone"
                assert_is_main(row, main, shown)
        for customer in store["Customer"]:
            address = address_of(customer).lower()
            if WELCOME["Customer"](customer) or customer["Id"] in self.certain["Customer"]:
                # The main one of others may have taken their contact to another address.
                at_home = address in shown or (address in SHARED and self.shared_once(address))
                assert customer["Id"] in mains or at_home, f"{customer['Id']} has no contact"
        asked = sum(row["sync_state"] == "held" for row in shown.values())
        page = client.get("/attention/").content.decode()
        assert bool(asked) == ("another contact here" in page), f"{asked} are asked about"
        self.assert_losers_stayed(shown)

    def shared_once(self, address):
        """Whether several customers were ever seen with it."""
        return sum(address in had for had in self.had.values()) > 1

    def assert_left_alone(self, email, row):
        """Its customers were merged into others."""
        assert row["sync_state"] in ("gone", "not_synced"), f"{row} is nobody's"
        assert any(email in self.had[loser] for loser in self.merged), f"{row} was nobody's"

    def assert_losers_stayed(self, shown):
        """A contact stays when its only customer is merged into another one."""
        for loser in self.merged:
            if not self.had[loser] & SHARED:
                left = self.addresses[loser] & shown.keys()
                assert len(left) <= 1, f"{loser} left {left}"
                assert left or loser not in self.certain["Customer"], f"{loser} left no contact"


def assert_is_main(row, main, shown):
    """The contact's fields are this customer's: others' stay only where it has none (R7)."""
    told = {name: value for name, value in told_fields(main).items() if value}
    assert {name: row[name] for name in told} == told, f"{row} is not as {main['Id']}"
    assert row["marketing_status"] == "non_marketable"
    address = address_of(main).lower()
    if row["email"].lower() != address:
        # *merge?* is asked, for another one has the address.
        assert row["sync_state"] == "held", f"{row} has not the address of {main['Id']}"
        assert address in shown, f"{row} waits for nobody"
    else:
        assert row["sync_state"] != "held", f"{row} is asked about in vain"
