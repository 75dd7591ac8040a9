"""What the CRM could see in QuickBooks, remembered by the story itself and not by the engine."""

from __future__ import annotations

import functools
from collections import defaultdict

#: A list's record that is active when the CRM looks becomes one here (R3).
WELCOME = {"Item": lambda row: row["Type"] != "Category" and row.get("Active", True)}


def looking(function):
    """An act in which the CRM may look into QuickBooks; nothing changes there meanwhile."""

    @functools.wraps(function)
    def remembered(self, **drawn):
        before = self.world.connection
        self.memory.note(self.world, self.memory.possible)
        result = function(self, **drawn)
        after = self.world.connection
        # What goes on half done has read some of it before.
        if before.catch_up is None and after.last_pull_at != before.last_pull_at:
            self.memory.note(self.world, self.memory.certain)
        return result

    return remembered


class Memory:
    """Ids by kind: of what may have been seen, and of what was, for the CRM says that it looked.

    A look that failed or was killed may have seen all, something or nothing.
    """

    def __init__(self):
        self.possible, self.certain = defaultdict(set), defaultdict(set)

    def note(self, world, seen):
        store = world.emulator.store(world.realm)
        for kind, is_welcome in WELCOME.items():
            seen[kind] |= {row["Id"] for row in store.get(kind, []) if is_welcome(row)}
