"""Random days, in short: `make chaos` lives many of them (tests/chaos/days.py)."""

from __future__ import annotations

import logging
import random

import pytest

from tests.chaos import days

log = logging.getLogger(__name__)
STEPS = 45


@pytest.mark.parametrize("round_", range(2))
def test_both_sides_are_equal_after_a_random_day(transactional_db, emulator, round_):
    log.warning("seed %s", seed := random.randrange(1_000_000))

    assert days.runner(seed, STEPS)(emulator) == []
