"""The table once more, with an Intuit that is strict about request ids.

What is sent again under one must be the same bytes (else it is refused), and what was refused once
stays refused under its id: both are disputed (facts 2.4, 7.1), and the emulator's usual readings
would hide a retry that differs from what it repeats.
"""

from __future__ import annotations

from contextlib import closing

from tests.chaos import table
from tests.emulator_process import Emulator


class Strict(Emulator):
    def reset(self, *, samples=False):
        super().reset(samples=samples)
        self.switch(replay_ignores_body=False, replay_errors=True)


def rows(names):
    for name, run in table.rows(names):
        yield f"{name} / strict", _strictly(run)


def _strictly(run):
    def told(emulator):
        with closing(Strict(emulator.url)) as strict:
            return run(strict)

    return told
