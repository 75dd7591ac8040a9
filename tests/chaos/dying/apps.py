"""A worker that is killed, with its whole cluster, when a push comes by a given point."""

from __future__ import annotations

import os
import signal

from django.apps import AppConfig
from django_q.signals import post_execute, pre_execute

_PUSH = "integrations.tasks.push"


class DyingConfig(AppConfig):
    name = "tests.chaos.dying"

    def ready(self):
        pre_execute.connect(_begin, weak=False)
        post_execute.connect(_end, weak=False)


_open = []


class _Until:
    """Counts how often a point is met, over all pushes of this worker."""

    name, _, count = os.environ.get("CHAOS_DIE_AT", "#0").partition("#")
    left = int(count)

    def reach(self, name):
        if name != self.name:
            return
        type(self).left -= 1
        if self.left < 0:
            os.killpg(os.getpgrp(), signal.SIGKILL)


def _begin(sender, func, task, **_):
    if task.get("func") == _PUSH:
        from tests.chaos.points import watched

        _open.append(watched(_Until()))
        _open[-1].__enter__()


def _end(sender, task, **_):
    if _open:
        _open.pop().__exit__(None, None, None)
