"""What acts have in common: a company on both sides, choosing among its records, what was typed.

What is drawn never depends on the records that there are: the same draws tell the same history,
whatever comes of it.
"""

from __future__ import annotations

import functools
from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from contacts.services.billing.allocating import PaymentError
from contacts.services.invoicing import InvoicingError
from tests.chaos.sides import fresh
from tests.emulator_process import Refused

#: Which of the records, counted round.
PICK = st.integers(0, 15)
MAYBE = st.booleans()
#: A contact's fields here, and there.
CONTACT = {"phone": "PrimaryPhone", "first_name": "GivenName", "company": "CompanyName"}
FIELD = st.sampled_from(sorted(CONTACT))

#: A person may not do everything at any time: what our services refuse, and what the emulator does.
REFUSALS = (InvoicingError, PaymentError, Refused)


def act(**drawn):
    """Something that may happen; where it is refused, nothing did."""

    def as_rule(function):
        @functools.wraps(function)
        def tried(self, **values):
            with suppress(*REFUSALS):
                function(self, **values)

        return rule(**drawn)(tried)

    return as_rule


class Acting(RuleBasedStateMachine):
    #: Set by whoever runs it.
    emulator = None

    def __init__(self):
        super().__init__()
        self.world = fresh(self.emulator)
        self.pk = self.world.connection.pk
        self.count = 0
        #: The last value typed on each side: (kind, record or Id, field) -> value.
        self.typed_here = {}
        self.typed_there = {}

    def value(self):
        """Something to type that nobody has typed before."""
        self.count += 1
        return f"v{self.count}"

    def one(self, rows, pick):
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.model.objects.get(pk=pks[pick % len(pks)]) if pks else None

    def rows(self, kind):
        rows = self.world.emulator.store(self.world.realm).get(kind, [])
        return {r["Id"]: r for r in rows if r.get("Type") != "Category"}

    def row(self, kind, pick):
        rows = sorted(self.rows(kind).values(), key=lambda each: int(each["Id"]))
        return rows[pick % len(rows)] if rows else None
