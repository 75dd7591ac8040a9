"""Workers as processes of their own, killed with no chance to tidy up (design.md, Tests)."""

from __future__ import annotations

import logging
import os
import random

import pytest

from tests.chaos import flows
from tests.chaos.dying_workers import Killed
from tests.chaos.killed_import import KilledImport

SEED = "CRMSYNC_SEED"
log = logging.getLogger(__name__)


@pytest.mark.timeout(120)
def test_r3_import_killed_in_each_part_ends_exactly_as_one_that_was_left_alone(
    transactional_db, emulator
):
    """The short form; `make chaos` kills a larger one twenty times.

    CRMSYNC_SEED=... in the environment tells one again that has failed.
    """
    seed = int(os.environ.get(SEED) or random.randrange(10_000))
    log.warning("%s=%s tells it again", SEED, seed)
    killed = KilledImport(customers=1500, items=1200, kills=4, seed=seed)

    assert killed(emulator) == []


@pytest.mark.timeout(60)
def test_r16_poll_of_a_killed_worker_is_handed_to_the_next_one(transactional_db, emulator):
    """The short form; `make chaos` kills one at each recorded point."""
    killed = Killed(flows.Poll, [("after GET cdc", 0)], reads=1)

    assert killed(emulator) == []
