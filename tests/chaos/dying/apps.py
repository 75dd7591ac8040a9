"""A worker that dies or freezes when a task comes by a given point.

CHAOS_FOLDER holds `orders`: which tasks count, at which point what is to happen. Whoever obeys
them takes them away first, so that the worker that goes on lives. `points` tells what was come by,
`begun` and `ended` which tasks were: one ends when the queue has its acknowledgement; `born` has
the number of each worker's process.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.apps import AppConfig


class DyingConfig(AppConfig):
    name = "tests.chaos.dying"

    def ready(self):
        # Has models, which no app may import before.
        from django_q import signals

        signals.post_spawn.connect(_born, weak=False)
        signals.pre_execute.connect(_begin, weak=False)
        signals.post_execute_in_worker.connect(_end, weak=False)
        signals.post_execute.connect(_acknowledged, weak=False)


_folder = Path(os.environ["CHAOS_FOLDER"])
_open = []


class _Orders:
    """Counts how often the point is met, over all the tasks that this worker has under them."""

    latest = None

    def __init__(self, told):
        self.told = told
        self.left = told["count"]

    @classmethod
    def given(cls):
        """The orders as they stand now; None where nobody gave any, or they were obeyed."""
        try:
            told = json.loads((_folder / "orders").read_text())
        except FileNotFoundError:
            return None
        if cls.latest is None or cls.latest.told != told:
            from integrations.quickbooks import discovery

            # As a worker that has just started: it has not asked yet where Intuit is.
            discovery.forget()
            cls.latest = cls(told)
        return cls.latest

    def reach(self, name):
        _tell("points", name)
        if name == self.told["name"]:
            self.left -= 1
            if self.left == -1:
                self._obey()

    def _obey(self):
        (_folder / "orders").rename(_folder / "obeyed")
        kill, whom = (os.killpg, os.getpgrp()) if self.told["all"] else (os.kill, os.getpid())
        kill(whom, self.told["signal"])


def _tell(what, line):
    with (_folder / what).open("a") as told:
        told.write(f"{line}\n")


def _born(**_):
    _tell("born", os.getpid())


def _begin(task, **_):
    _tell("begun", task["id"])
    orders = _Orders.given()
    if orders and task["func"] in orders.told["tasks"]:
        from tests.chaos.points import watched

        _open.append(watched(orders, everywhere=True))
        _open[-1].__enter__()


def _end(**_):
    if _open:
        _open.pop().__exit__(None, None, None)


def _acknowledged(task, **_):
    _tell("ended", task["id"])
