"""Production's `manage.py qcluster`, with one worker, told at which point to die or to freeze."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import tempfile
from pathlib import Path

from tests import worker_process

_numbers = itertools.count()


class Cluster:
    """One cluster and what it was told. It is held still while a test prepares both sides."""

    def __init__(self, folder, process):
        self._folder = folder
        self.process = process

    def hold(self):
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def order(self, tasks, name="", count=0, *, by=signal.SIGKILL, everybody=False):
        """The `count`-th time (from 0) that one of the tasks comes by this point, do it once.

        Without a name nothing happens, and the points are told.
        """
        for each in ("obeyed", "points", "begun", "ended", "born"):
            (self._folder / each).unlink(missing_ok=True)
        told = {"tasks": list(tasks), "name": name, "count": count, "signal": by, "all": everybody}
        new = self._folder / "new"
        new.write_text(json.dumps({**told, "number": next(_numbers)}))
        new.rename(self._folder / "orders")

    def kill_worker(self):
        """The one that works now; the cluster replaces it."""
        os.kill(self.workers[-1], signal.SIGKILL)

    @property
    def obeyed(self):
        return (self._folder / "obeyed").exists()

    @property
    def points(self):
        """What the tasks under these orders came by."""
        return self._lines("points")

    @property
    def workers(self):
        """The processes that began to work, since these orders if there are any."""
        return [int(line) for line in self._lines("born")]

    @property
    def is_idle(self):
        """Whether whatever it began has come to an end, here or with whom it was given to next."""
        return set(self._lines("begun")) <= set(self._lines("ended"))

    def _lines(self, what):
        told = self._folder / what
        return told.read_text().splitlines() if told.exists() else []


@contextlib.contextmanager
def cluster(emulator, **environment):
    """A cluster on this process's database while the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        told = worker_process.environment(
            **emulator.environment,
            **environment,
            DJANGO_SETTINGS_MODULE="tests.chaos.settings",
            CHAOS_FOLDER=folder,
        )
        with worker_process.worker(told) as process:
            yield Cluster(Path(folder), process)
