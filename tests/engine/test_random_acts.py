"""Random days, in short: `make chaos` lives many of them (tests/chaos/days.py)."""

from __future__ import annotations

import pytest

from tests.chaos import days

STEPS = 45


@pytest.mark.parametrize("seed", [147_235, 945_491])
def test_both_sides_are_equal_after_a_random_day(transactional_db, emulator, seed):
    """In both a contact is left alone: its customer was merged into one without an address."""
    assert days.runner(seed, STEPS)(emulator) == []
