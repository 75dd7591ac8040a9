"""Programs that run beside the tests of a session, each with its output in a file."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 100
END_SECONDS = 20
# What tests.environment sets for the tests themselves, and an installation finds out on its own.
OF_TESTS = ("ALLOWED_HOSTS", "DATABASE_URL", "SECRET_KEY", "SITE_URL", "VAR_DIR")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**values):
    """This process's, without what is set for tests."""
    return {
        **{name: value for name, value in os.environ.items() if name not in OF_TESTS},
        "PYTHONUNBUFFERED": "1",
        **values,
    }


class Programs:
    """Those of one installation."""

    def __init__(self, folder):
        self.log = folder / "output.txt"
        self._output = self.log.open("w")
        self._running = []

    def start(self, *command, **values):
        self._running.append(
            subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment(**values),
                stdout=self._output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )

    def run(self, *command, **values):
        """One that ends by itself, and well."""
        subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment(**values),
            stdout=self._output,
            stderr=subprocess.STDOUT,
            check=True,
            timeout=READY_SECONDS,
        )

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_until(self, ready):
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            ended = [process for process in self._running if process.poll() is not None]
            assert not ended, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def end(self):
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._output.close()
