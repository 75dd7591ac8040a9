"""Keeping a few long-running programs alive, and ending all of them together.

One thread does it all. The kernel tells a program that its parent is gone once for every thread
the parent had, and django-q's worker does not survive being told twice.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO, cast

# A program that ends this often within the window will not be helped by starting it again.
RESTARTS = 5
RESTART_WINDOW_SECONDS = 60
PR_SET_PDEATHSIG = 1


class KeepsEndingError(Exception):
    """A program ended again and again; the message names it."""


class Program:
    """One program in a process group of its own."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._environment = dict(environment)
        self._ends: deque[float] = deque(maxlen=RESTARTS)
        self._start_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._unfinished = b""

    def start(self) -> IO[bytes]:
        """Start it; returns the pipe that its lines are read from."""
        self._process = subprocess.Popen(  # noqa: S603
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal reaches the supervisor alone, which then ends this group.
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        if self._process.stdout is None:
            raise RuntimeError("stdout was asked to be a pipe")
        return self._process.stdout

    def pass_on(self, descriptor: int) -> bool:
        """Print the whole lines that wait in the descriptor; False when no more will come."""
        read = os.read(descriptor, 65_536)
        *lines, self._unfinished = (self._unfinished + read).split(b"\n")
        for line in lines:
            say(line.decode(errors="replace").rstrip(), self.name)
        return bool(read)

    def has_ended(self) -> bool:
        """Whether it ended since it was last started. It is then due to be started again."""
        if self._process is None or self._process.poll() is None:
            return False
        code = self._process.returncode
        self.kill()
        self._process = None
        now = time.monotonic()
        self._ends.append(now)
        if len(self._ends) == RESTARTS and now - self._ends[0] < RESTART_WINDOW_SECONDS:
            raise KeepsEndingError(f"{self.name} keeps ending (exit code {code}).")
        say(f"{self.name} ended (exit code {code}); starting it again")
        self._start_at = now + 0.2 * 2 ** len(self._ends)
        return True

    def is_due(self) -> bool:
        return self._process is None and time.monotonic() >= self._start_at

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask_to_end(self) -> None:
        """Ask the program, which asks its own processes."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End at once whatever is left of its group."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Programs:
    """Several programs that live and end together, their lines passed on under their names."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._outputs = selectors.DefaultSelector()

    def keep_running(self, seconds: float) -> None:
        """For that long pass lines on, starting what is not running.

        Raises KeepsEndingError when starting a program again has stopped helping.
        """
        for program in self._programs:
            if program.is_due():
                self._outputs.register(program.start(), selectors.EVENT_READ, program)
        self._pass_on(seconds)
        for program in self._programs:
            if program.has_ended():
                self._forget(program)

    def end(self, seconds: float) -> None:
        """Ask all of them to end and kill after so many seconds what has not."""
        for program in self._programs:
            program.ask_to_end()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(p.is_running() for p in self._programs):
            self._pass_on(0.1)
        for program in self._programs:
            program.kill()
        for program in self._programs:
            self._forget(program)
        self._outputs.close()

    def _pass_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._outputs.get_map():
                time.sleep(left)
            for key, _ in self._outputs.select(left):
                if not key.data.pass_on(key.fd):
                    self._close(key)

    def _forget(self, program: Program) -> None:
        for key in list(self._outputs.get_map().values()):
            if key.data is program:
                while program.pass_on(key.fd):
                    pass
                self._close(key)

    def _close(self, key: selectors.SelectorKey) -> None:
        pipe = cast("IO[bytes]", key.fileobj)
        self._outputs.unregister(pipe)
        pipe.close()


def say(text: str, name: str = "crmsync") -> None:
    """One line on the terminal."""
    sys.stdout.write(f"{name:<8} | {text}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    # If the supervisor itself is killed, the kernel tells its programs; elsewhere than on Linux
    # they would have to be ended by hand.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
