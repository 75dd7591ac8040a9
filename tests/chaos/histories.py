"""Random histories: people act on both sides while the sync is late, doubled, refused or killed.

In the end both sides are equal, nothing was made twice, and no value that somebody typed has gone
without a trace: where both edited one field, QuickBooks' stands and ours is in the history (R10).

A seed tells a handful of histories, always the same ones (telling.py).
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from django_q.models import OrmQ
from hypothesis import strategies as st
from hypothesis.stateful import rule

from integrations import tasks
from integrations.pulling import wake
from integrations.quickbooks.faults import QuickBooksError
from tests.chaos.judging import judge
from tests.chaos.people_there import PeopleThere
from tests.chaos.points import Points, watched
from tests.chaos.sides import calm, in_a_process, let_time_pass
from tests.chaos.table import FAULTS
from tests.chaos.telling import told

ACTS = 40
#: How many histories one seed tells.
BY_ONE_SEED = 10
WRITES = ("customer", "item", "invoice", "payment")


class History(PeopleThere):
    def __init__(self):
        super().__init__()
        self.customer_there()
        self.contact_here()
        self.item_there()
        self.world.work()

    @rule()
    def work(self):
        self.world.work()

    @rule()
    def minute(self):
        self.world.poll()

    @rule()
    def webhook(self):
        self.world.pull()

    @rule()
    def pull(self):
        wake(self.pk)
        tasks.pull(self.pk)

    @rule()
    def push(self):
        tasks.push(self.pk)

    @rule()
    def lose_wake_ups(self):
        OrmQ.objects.all().delete()

    @rule()
    def time_passes(self):
        let_time_pass()

    @rule(fault=st.sampled_from(sorted(FAULTS)), write=st.sampled_from(WRITES))
    def trouble(self, fault, write):
        self.world.emulator.fail(method="POST", path=f"/{write}", count=1, **FAULTS[fault])

    @rule(place=st.integers(0, 60))
    def killed(self, place):
        """The worker dies somewhere in its push."""

        def work():
            die = Points(place, lambda: os.kill(os.getpid(), signal.SIGKILL))
            with watched(die), suppress(QuickBooksError):
                tasks.push(self.pk)

        os.waitpid(in_a_process(work), 0)

    def teardown(self):
        if sys.exc_info()[0] is not None:
            return
        calm(self.world)
        found = judge(self)
        assert not found, "\n".join(found)


def runner(number, *, histories=BY_ONE_SEED, shorten=True):
    """What tells the histories of this seed."""
    return lambda emulator: told(
        History, number, emulator, times=histories, acts=ACTS, shorten=shorten
    )
