"""A bookkeeper's random days: whatever is done in QuickBooks, and whatever becomes of the
notifications, the calls and the worker, both sides are equal in the end as a user sees them.

A seed tells a handful of days, always the same ones (telling.py).
"""

from __future__ import annotations

import os
import random
import signal
import sys
from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from integrations import tasks
from integrations.models import Attention, Cause, Connection, Run
from integrations.quickbooks.faults import QuickBooksError
from tests.chaos.acting import PICK
from tests.chaos.bookkeeping import OWN, Bookkeeping
from tests.chaos.inbound import INBOUND_FAULTS
from tests.chaos.memory import looking
from tests.chaos.points import Points, watched
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, in_a_process, let_time_pass
from tests.chaos.telling import told

ACTS = 60
#: How many days one seed tells.
BY_ONE_SEED = 10
#: How many points a poll comes by at most.
POINTS = 30
#: A month is more than CDC looks back.
MONTH = 31 * 86_400

FORMS = st.sampled_from(["cloudevents", "legacy"])
FAULTS = st.sampled_from(sorted(INBOUND_FAULTS.keys() - {"slow"}))
PATHS = st.sampled_from(["/cdc", "/query", "/oauth2/"])


class Day(Bookkeeping):
    def __init__(self):
        super().__init__()
        self.bodies = []
        self.post = None
        for _ in range(3):
            self.add_customer(address=OWN)
        self.items.append(self.world.item("Advice", "50.00"))

    @initialize(form=FORMS)
    def subscribe(self, form):
        self.post = Post(self.world.emulator, form=form)

    # --- notifications ---

    @rule(order=PICK, some=PICK)
    @looking
    def deliveries_come(self, order, some):
        """Some twice and in any order, some later."""
        self.bodies += self.post.collect()
        random.Random(order).shuffle(self.bodies)
        now, self.bodies = self.bodies[:some], self.bodies[some:]
        for body in now + now[:2]:
            deliver(body)
        self.world.work()

    @rule()
    def deliveries_are_lost(self):
        """Only that of a merge is not: nothing else tells of it, and Intuit repeats it for days."""
        self.bodies += self.post.collect()
        self.bodies = [body for body in self.bodies if b"erge" in body]

    # --- in the CRM ---

    @rule()
    @looking
    def poll(self):
        self.world.poll()

    @rule()
    @looking
    def import_again(self):
        self.world.import_again()

    @rule(seconds=st.sampled_from([60, 600, 7200]))
    def time_passes(self, seconds):
        let_time_pass()
        self.world.emulator.advance(seconds)

    @rule()
    @looking
    def month_passes(self):
        self.world.emulator.advance(MONTH)
        let_time_pass()
        self.world.poll()

    @rule(fault=FAULTS, path=PATHS)
    def trouble(self, fault, path):
        self.world.emulator.fail(path=path, count=1, **INBOUND_FAULTS[fault])

    @rule(place=st.integers(0, POINTS))
    @looking
    def killed(self, place):
        """The worker dies somewhere in its poll."""

        def work():
            die = Points(place, lambda: os.kill(os.getpid(), signal.SIGKILL))
            with watched(die), suppress(QuickBooksError):
                tasks._attend(self.world.connection)

        os.waitpid(in_a_process(work), 0)

    # --- in the end ---

    def teardown(self):
        if sys.exc_info()[0] is not None:
            return
        found = [*self.come_to_rest(), *self.unequal()]
        assert not found, "\n".join(found)

    @looking
    def come_to_rest(self):
        self.world.emulator.control("DELETE", "failures")
        for body in self.bodies + self.post.collect():
            deliver(body)
        let_time_pass()
        calm(self.world)
        missed = [*self.unasked()]
        calm(self.world)
        return missed

    def unasked(self):
        """A person does what an open item asks for; what nothing asks for, in words."""
        causes = set(Attention.objects.filter(closed_at=None).values_list("cause", flat=True))
        if self.world.connection.status != Connection.Status.CONNECTED:
            # The answer to a refresh was lost, and with it the only token.
            self.world.connect()
            if Cause.RECONNECT not in causes:
                yield "lost, and nobody is told"
        if Run.objects.filter(status=Run.Status.FAILED).exists():
            self.world.import_again()

    def unequal(self):
        yield from differences(self.world, **self.memory.expected(self.world))


def runner(number, *, days=BY_ONE_SEED, acts=ACTS, shorten=True):
    """What tells the days of this seed."""
    return lambda emulator: told(Day, number, emulator, times=days, acts=acts, shorten=shorten)
