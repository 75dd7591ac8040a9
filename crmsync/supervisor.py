"""`make run`: everything that crmsync is, on one machine, until Ctrl-C.

Sets up what is missing (database, tables, demo people), then keeps the emulator, the worker and
the web server alive. Data stay under `var/`: the next start continues where this one was.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import environ

from crmsync.development import is_of_this_machine
from crmsync.embedded_database import EmbeddedDatabase, EmbeddedDatabaseError, from_settings
from crmsync.processes import KeepsEndingError, Program, Programs, say

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60
# A task commits its place often and survives being killed, so stopping need not wait for it.
END_SECONDS = 12
DATABASE_LOOK_SECONDS = 5
LOOK_SECONDS = 0.2


class CannotRunError(Exception):
    """Something this machine must provide is missing; the message is for the person who started."""


class Stop:
    """Whether somebody asked us to end."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def main() -> int:
    """Run until asked to end; 0 after Ctrl-C or SIGTERM, 1 with a sentence when it cannot run."""
    stop = Stop()
    try:
        _development_environment()
        with _only_one_here(), _database() as database:
            people = _prepare()
            if not stop.asked:
                _run(stop, database, people)
    except (CannotRunError, EmbeddedDatabaseError, KeepsEndingError) as error:
        say(str(error))
        return 1
    say("stopped")
    return 0


def _development_environment() -> None:
    environ.Env.read_env(ROOT / ".env")
    values = os.environ
    values.setdefault("DJANGO_SETTINGS_MODULE", "crmsync.settings")
    values.setdefault("PORT", "8000")
    values.setdefault("EMULATOR_PORT", "8001")
    values.setdefault("SITE_URL", f"http://localhost:{values['PORT']}")
    if "DEBUG" not in values and not is_of_this_machine(values["SITE_URL"]):
        raise CannotRunError(
            f"{values['SITE_URL']} is an address that others reach, and this is how crmsync runs "
            "for its developers: error pages show data. docs/deploying.md tells how to run it for "
            "a business."
        )
    values.setdefault("DEBUG", "1")
    values.setdefault("EMULATOR_URL", f"http://127.0.0.1:{values['EMULATOR_PORT']}")
    # Lines must appear when they are written, although they go through a pipe.
    values.setdefault("PYTHONUNBUFFERED", "1")
    for name in ("PORT", "EMULATOR_PORT"):
        _need_free_port(name)


def _need_free_port(name: str) -> None:
    if not os.environ[name].isdigit():
        raise CannotRunError(f"{name} is {os.environ[name]!r}, which is no port number.")
    port = int(os.environ[name])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotRunError(
                f"Port {port} is taken by another program. Stop that one, or choose another port: "
                f"make run {name}={port + 100}"
            ) from error


@contextlib.contextmanager
def _only_one_here() -> Iterator[None]:
    from django.conf import settings

    folder = settings.VAR_DIR / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "supervisor.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotRunError("crmsync already runs from this folder.") from error
        yield


@contextlib.contextmanager
def _database() -> Iterator[EmbeddedDatabase | None]:
    """The project's own database, stopped afterwards if a supervisor started it."""
    from django.conf import settings

    if not settings.EMBEDDED_DATABASE:
        yield None
        return
    database = from_settings()
    # Outlives a supervisor that was killed: its database is then ours to stop.
    ours = settings.VAR_DIR / "run" / f"{database.data.name}.supervised"
    if database.ensure_running():
        ours.touch()
    try:
        yield database
    finally:
        if ours.exists():
            database.stop()
            ours.unlink()
        else:
            say("the database was running before and is left running (make stop ends it)")


def _prepare() -> list[tuple[str, str, str]]:
    import django
    from django.core.management import call_command
    from django.db import OperationalError, connections

    from crmsync.demo import ensure_people

    django.setup()
    say("bringing the tables up to date")
    try:
        call_command("migrate", interactive=False, verbosity=0)
        return ensure_people()
    except OperationalError as error:
        raise CannotRunError(f"The database at DATABASE_URL does not answer: {error}") from error
    finally:
        connections.close_all()


def _programs() -> dict[str, list[str]]:
    from django.conf import settings

    manage = [sys.executable, str(ROOT / "manage.py")]
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py")]
    commands = {
        "worker": [*manage, "qcluster"],
        "web": [*gunicorn, "--chdir", str(ROOT), "crmsync.wsgi"],
    }
    if settings.INTUIT_ENVIRONMENT == "emulator":
        commands["emulator"] = [*manage, "emulator"]
    return commands


def _run(stop: Stop, database: EmbeddedDatabase | None, people: list[tuple[str, str, str]]) -> None:
    commands = _programs()
    programs = Programs([Program(name, line, os.environ) for name, line in commands.items()])
    try:
        _wait_until_ready(stop, programs, "emulator" in commands)
        if not stop.asked:
            _welcome(people, "emulator" in commands)
        look_at = time.monotonic()
        while not stop.asked:
            programs.keep_running(LOOK_SECONDS)
            if database and time.monotonic() >= look_at:
                if database.ensure_running():
                    say("the database had ended; it runs again")
                look_at = time.monotonic() + DATABASE_LOOK_SECONDS
    finally:
        say("stopping")
        programs.end(END_SECONDS)


def _wait_until_ready(stop: Stop, programs: Programs, emulator: bool) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not stop.asked:
        programs.keep_running(LOOK_SECONDS)
        if (not emulator or _listens("EMULATOR_PORT")) and _answers():
            return
        if time.monotonic() > deadline:
            raise CannotRunError(
                f"Not ready after {READY_SECONDS} seconds; the lines above say why."
            )


def _answers() -> bool:
    address = urlsplit(os.environ["SITE_URL"])
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": address.netloc})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(os.environ[port])), 1).close()
    except OSError:
        return False
    return True


def _welcome(people: list[tuple[str, str, str]], emulator: bool) -> None:
    lines = ["", f"crmsync is ready:  {os.environ['SITE_URL']}/", ""]
    lines += [f"  {role:<6} {email}  {password}" for email, password, role in people]
    if not people:
        lines += ["  Sign in with your own account (manage.py createsuperuser makes one)."]
    if emulator:
        lines += ["", f"QuickBooks, as a person there sees it:  {os.environ['EMULATOR_URL']}/"]
    lines += ["", "Ctrl-C stops everything; the data stay.", ""]
    for line in lines:
        say(line)


if __name__ == "__main__":
    sys.exit(main())
