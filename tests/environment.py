"""The environment of a test run: settings, and a PostgreSQL cluster that every run shares.

Import it before Django. Several runs may go on in one checkout: each has databases of its own
name in the cluster under `var/test-pg`, and the last one to end stops the server.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO

from crmsync.embedded_database import (
    DATABASE,
    THROWAWAY_SETTINGS,
    EmbeddedDatabase,
)

ROOT = Path(__file__).resolve().parent.parent
CLUSTER = EmbeddedDatabase(ROOT / "var" / "test-pg", THROWAWAY_SETTINGS)

# Fixed, so that a failure repeats; DEBUG only spares the parts that a production site insists on.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "crmsync.settings",
    "DEBUG": "1",
    "SECRET_KEY": "only-for-tests",
    "TOKEN_ENCRYPTION_KEYS": "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OS1hYmNkZWY=",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "VAR_DIR": str(ROOT / "var" / "test"),
    "EMAIL_URL": "",
    "DEFAULT_FROM_EMAIL": "crmsync@example.com",
    "INTUIT_ENVIRONMENT": "emulator",
    "INTUIT_CLIENT_ID": "",
    "INTUIT_CLIENT_SECRET": "",
    "INTUIT_WEBHOOK_VERIFIER_TOKEN": "",
    "QUICKBOOKS_POLL_SECONDS": "60",
    # Playwright's event loop runs in the thread of the test that uses the database.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}


def prepare() -> None:
    """Set the environment of this process and of those that it starts."""
    if "CRMSYNC_TEST_RUN" in os.environ:
        return
    run = str(os.getpid())
    url = os.environ.get("TEST_DATABASE_URL") or f"{CLUSTER.url}_{run}"
    os.environ.update(ENVIRONMENT, CRMSYNC_TEST_RUN=run, DATABASE_URL=url)


def set_up_django() -> None:
    """Hashing a password is slow on purpose; nobody attacks the people of a test."""
    import django
    from django.conf import settings

    django.setup()
    from tests.flushing import delete_instead_of_truncating

    delete_instead_of_truncating()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class Cluster:
    """This run's share of the cluster; nothing where TEST_DATABASE_URL names another server."""

    def __init__(self) -> None:
        self._users: IO[str] | None = None

    def join(self) -> None:
        if os.environ.get("TEST_DATABASE_URL"):
            return
        folder = CLUSTER.data.parent / "run"
        folder.mkdir(parents=True, exist_ok=True)
        self._users = (folder / "test-pg.users").open("a")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        CLUSTER.ensure_running()
        _drop_databases_of_dead_runs()

    def leave(self) -> None:
        if self._users is None:
            return
        fcntl.flock(self._users, fcntl.LOCK_UN)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            CLUSTER.stop()
        self._users.close()


def _drop_databases_of_dead_runs() -> None:
    prefix = f"test_{DATABASE}_"
    with contextlib.closing(CLUSTER.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
            )
            for (name,) in cursor.fetchall():
                run = name.removeprefix(prefix).partition("_")[0]
                if run.isdigit() and not _is_alive(int(run)):
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
