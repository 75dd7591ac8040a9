"""The disputed readings of Intuit one by one: each other value of each switch, told as a story."""

from __future__ import annotations

from tests.chaos.sides import empty
from tests.engine import disputes


def rows():
    for name, values in disputes.other_values().items():
        for value in values:
            yield f"switch {name} = {value}", _runner(name, value)


def _runner(name, value):
    def run(emulator):
        disputes.tell(empty(emulator, **disputes.COMPANY), **{name: value})
        return []

    return run
