"""Random days, in short: `make chaos` lives many of them (tests/chaos/days.py)."""

from __future__ import annotations

from tests.chaos import days


def test_both_sides_are_equal_after_random_days(transactional_db, emulator):
    assert days.runner(1, days=2, acts=40, shorten=False)(emulator) == []
