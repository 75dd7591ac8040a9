"""Where the sources dispute what Intuit does, either reading ends with both sides equal.

Here all switches are flipped at once, in as many readings as it takes to meet each of their other
values; `make chaos` flips them one by one.
"""

from __future__ import annotations

import pytest

from integrations.emulator.switches import SWITCHES
from tests.engine import disputes
from tests.engine.world import World


@pytest.mark.parametrize("reading", disputes.together(), ids=["first", "second", "third"])
def test_both_sides_are_equal_whichever_reading_is_right(emulator, admin, reading):
    disputes.tell(World(emulator, admin, **disputes.COMPANY), **reading)


def test_each_switch_is_flipped_here_or_elsewhere():
    names = {switch.name for switch in SWITCHES}
    assert disputes.other_values().keys() | disputes.ELSEWHERE.keys() == names
    assert not disputes.other_values().keys() & disputes.ELSEWHERE.keys()
