"""`make run` as a person meets it: one process that starts everything and leaves nothing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
import requests

from crmsync.embedded_database import EmbeddedDatabase

READY = "crmsync is ready"


class Run:
    """One supervisor in a process of its own, its output in a file."""

    def __init__(self, var, port, **environment):
        self.var = var
        self.log = var.parent / f"output-{port}.txt"
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "SITE_URL", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE"}
        }
        # Keys of a sandbox that is never asked: without them the emulator would be started too.
        clean |= {
            "VAR_DIR": str(var),
            "PORT": str(port),
            "EMULATOR_PORT": str(free_port()),
            "INTUIT_ENVIRONMENT": "sandbox",
            "INTUIT_CLIENT_ID": "id",
            "INTUIT_CLIENT_SECRET": "secret",
        }
        self.url = f"http://127.0.0.1:{port}/healthz"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crmsync.supervisor"],
                env={name: value for name, value in (clean | environment).items() if value},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self):
        return self.log.read_text()

    def wait_for(self, what, seconds=40):
        deadline = time.monotonic() + seconds
        while not what():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.1)

    def ready(self):
        self.wait_for(lambda: READY in self.output())
        return self

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(30)

    def programs(self, *, recursive=True):
        """Its processes, each with its command; one that ends meanwhile is left out."""
        found = {}
        for child in psutil.Process(self.process.pid).children(recursive=recursive):
            with contextlib.suppress(psutil.NoSuchProcess):
                found[child] = " ".join(child.cmdline())
        return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def answer(url):
    return requests.get(url, timeout=5).content


@pytest.fixture
def var():
    folder = Path(tempfile.mkdtemp()) / "var"
    folder.mkdir()
    yield folder
    EmbeddedDatabase(folder / "postgres").stop()
    shutil.rmtree(folder.parent)


@pytest.fixture
def start(var):
    runs = []

    def start(port, **environment):
        runs.append(Run(var, port, **environment))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def test_starts_everything_mends_it_and_leaves_nothing_killed_or_not(start, var):
    """One story, for the first start of a folder takes as long as all others."""
    port, database = free_port(), EmbeddedDatabase(var / "postgres")
    run = start(port).ready()
    welcomes(run, port)
    is_the_only_one(start(free_port()))
    mends_its_worker(run)
    killed_takes_its_programs_along(run)
    assert database.is_running()

    # The next one takes over from it.
    again = start(port).ready()
    assert answer(again.url) == b"ok\n"
    ended_leaves_nothing(again)
    assert is_free(port)
    assert not database.is_running()

    # A database that ran before is left running, even by one that is ended before it is ready.
    database.ensure_running()
    run = start(port)
    run.wait_for(lambda: "bringing the tables up to date" in run.output())
    assert run.end() == 0
    assert database.is_running()


def welcomes(run, port):
    assert answer(run.url) == b"ok\n"
    said = run.output()
    assert f"http://localhost:{port}/" in said
    assert re.search(r"admin +admin@example\.com +\S+", said)
    assert re.search(r"staff +staff@example\.com +\S+", said)


def is_the_only_one(second):
    assert second.process.wait(20) == 1
    assert "crmsync already runs from this folder." in second.output()


def mends_its_worker(run):
    worker = the_worker(run)
    worker.kill()
    run.wait_for(lambda: the_worker(run) not in {worker, None})


def ended_leaves_nothing(run):
    everything = list(run.programs())
    assert run.end(signal.SIGINT) == 0
    assert [process for process in everything if process.is_running()] == []


def the_worker(run):
    """Its process, or nothing while none runs."""
    own = run.programs(recursive=False)
    return next((process for process, command in own.items() if "qcluster" in command), None)


def killed_takes_its_programs_along(run):
    everything = list(run.programs())
    run.process.kill()
    run.process.wait()
    _, alive = psutil.wait_procs(everything, timeout=20)
    assert alive == []


def test_a_taken_port_gives_a_plain_sentence(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = start(port)
        code = run.process.wait(20)

    assert code == 1
    assert f"Port {port} is taken by another program." in run.output()
    assert "Traceback" not in run.output()


def test_a_site_that_others_reach_is_not_run_as_on_a_developers_machine(start):
    run = start(free_port(), SITE_URL="https://crm.example.com", DEBUG="")

    assert run.process.wait(20) == 1
    assert "https://crm.example.com is an address that others reach" in run.output()
    assert "Traceback" not in run.output()
