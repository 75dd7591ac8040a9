"""What the CRM could see in QuickBooks, remembered by the story itself and not by the engine."""

from __future__ import annotations

import functools
from collections import defaultdict

from tests.engine.agreement import address_of

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
        #: The ids of customers that were merged into others.
        self.merged = set()

    def note(self, world, seen):
        store = world.emulator.store(world.realm)
        for kind, is_welcome in WELCOME.items():
            seen[kind] |= {row["Id"] for row in store.get(kind, []) if is_welcome(row)}
        seen["Invoice"] |= _invoices_of(store, seen["Customer"])
        for row in store["Customer"]:
            if row["Id"] in seen["Customer"]:
                if seen is self.certain:
                    self.addresses[row["Id"]].clear()
                self.addresses[row["Id"]].add(address_of(row).lower())

    def expected(self, store, emails, invoices):
        """What is to be here (`seen.differences`); of what is uncertain, what is shown.

        `emails`: of the contacts that are shown; `invoices`: the ids of those that are.
        """
        shown = {row["Id"] for row in store["Customer"] if address_of(row).lower() in emails}
        known = self.certain["Customer"] | (self.possible["Customer"] & shown)
        theirs = known | {row["Id"] for row in store["Customer"] if WELCOME["Customer"](row)}
        return {
            "known": known,
            "alone": {each for loser in self.merged for each in self.addresses[loser] & emails},
            "invoices": _invoices_of(store, theirs)
            | self.certain["Invoice"]
            | (self.possible["Invoice"] & invoices),
            "items": (self.certain["Item"], self.possible["Item"]),
        }

    def not_left(self, emails):
        """What should have stayed of the customers that were merged into others, in words."""
        for loser in sorted(self.merged):
            left = self.addresses[loser] & emails
            if len(left) > 1 or (not left and loser in self.certain["Customer"]):
                yield f"of customer {loser}, merged away, {left or 'no contact'} is left"


def _invoices_of(store, customers):
    """The ids of the invoices of these customers (ids)."""
    rows = store.get("Invoice", [])
    return {row["Id"] for row in rows if row["CustomerRef"]["value"] in customers}
