"""Workers as processes of their own, killed with no chance to tidy up (design.md, Tests)."""

from __future__ import annotations

import logging
import random

import pytest

from tests.chaos.killed_import import KilledImport

log = logging.getLogger(__name__)


@pytest.mark.timeout(90)
def test_r3_import_killed_twice_ends_exactly_as_one_that_was_left_alone(transactional_db, emulator):
    """The short form; `make chaos` kills a larger one twenty times."""
    log.warning("seed %s", seed := random.randrange(10_000))
    killed = KilledImport(customers=3000, items=0, kills=2, seed=seed)

    assert killed(emulator) == []
