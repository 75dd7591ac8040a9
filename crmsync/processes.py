"""Keeping a few long-running programs alive, and ending all of them together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping

# A program that ends this often within the window will not be helped by starting it again.
RESTARTS = 5
RESTART_WINDOW_SECONDS = 60
PR_SET_PDEATHSIG = 1


class KeepsEndingError(Exception):
    """A program ended again and again; the message names it."""


class Program:
    """One program in a process group of its own, its lines passed on under its name."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = dict(environment)
        self._ended: deque[float] = deque(maxlen=RESTARTS)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        process = self._process = subprocess.Popen(  # noqa: S603
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C in the terminal reaches the supervisor alone, which then ends this group.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        threading.Thread(target=_pass_on, args=(self.name, process), daemon=True).start()

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def restart_if_ended(self) -> None:
        """Start it again if it ended; raises KeepsEndingError when that has stopped helping."""
        if self._process is None or self.is_running():
            return
        code = self._process.returncode
        self._kill_group()
        now = time.monotonic()
        self._ended.append(now)
        if len(self._ended) == RESTARTS and now - self._ended[0] < RESTART_WINDOW_SECONDS:
            raise KeepsEndingError(f"{self.name} keeps ending (exit code {code}).")
        say(f"{self.name} ended (exit code {code}); starting it again")
        time.sleep(min(2.0, 0.2 * 2 ** len(self._ended)))
        self.start()

    def ask_to_end(self) -> None:
        """Ask the program, which asks its own processes."""
        if self._process is not None:
            self._process.terminate()

    def end_by(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill whatever is left of the group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.1, deadline - time.monotonic()))
        self._kill_group()
        self._process.wait()

    def _kill_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def say(text: str, name: str = "crmsync") -> None:
    """One line on the terminal."""
    sys.stdout.write(f"{name:<8} | {text}\n")
    sys.stdout.flush()


def _pass_on(name: str, process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        say(line.rstrip(), name)


def _end_with_parent() -> None:
    # If the supervisor itself is killed, the kernel tells its programs; elsewhere than on Linux
    # they would have to be ended by hand.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
