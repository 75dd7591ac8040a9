"""What the measurements run in: a database of their own, an emulator, a worker, a web server.

Import it before Django. The cluster lies under `var/bench-pg` and is set as a server is by default:
commits wait for the disk, unlike those of the tests.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from crmsync.embedded_database import EmbeddedDatabase
from tests.bench.pacing import LIMITS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "bench"
CLUSTER = EmbeddedDatabase(ROOT / "var" / "bench-pg")
READY_SECONDS = 30


def prepare(port):
    """Set the environment of this process and of those that it starts."""
    from tests.environment import ENVIRONMENT

    os.environ.update(
        ENVIRONMENT,
        DATABASE_URL=CLUSTER.url,
        SECRET_KEY="only-for-make-bench",
        SITE_URL=f"http://localhost:{port}",
        PORT=str(port),
        VAR_DIR=str(FOLDER),
    )


@contextlib.contextmanager
def database():
    """An empty database, gone afterwards with its server. Only one bench runs in a checkout."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "bench.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("A bench already runs in this checkout.") from None
        CLUSTER.ensure_running()
        try:
            _recreate()
            yield
        finally:
            CLUSTER.stop()


def _recreate():
    with contextlib.closing(CLUSTER.connect()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS crmsync WITH (FORCE)")
            cursor.execute("CREATE DATABASE crmsync")


@contextlib.contextmanager
def emulator():
    """A local Intuit without companies, in its own process; the environment points at it.

    Tests call it faster than Intuit allows; here it is called as Intuit is.
    """
    from tests.emulator_process import Emulator, _ready_line

    command = [sys.executable, "-m", "integrations.emulator", "--port", "0", "--empty"]
    with _running(command, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        local = Emulator(_ready_line(process), process.pid)
        os.environ.update(local.environment | LIMITS)
        try:
            yield local
        finally:
            local.close()


@contextlib.contextmanager
def worker():
    """Production's worker: `manage.py qcluster`. With DEBUG it would keep its statements.

    The checks are for what people reach: they refuse an address that is not https.
    """
    environment = os.environ | {"DEBUG": "0"}
    command = [sys.executable, "manage.py", "qcluster", "--skip-checks"]
    with _running(command, log="worker", env=environment) as process:
        yield process


class Web(NamedTuple):
    """A web server that answers: where, and its first process."""

    address: tuple[str, int]
    pid: int


@contextlib.contextmanager
def web():
    """Production's web server: gunicorn as gunicorn.conf.py sets it up."""
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "crmsync.wsgi"]
    address = ("127.0.0.1", int(os.environ["PORT"]))
    with _running(command, log="web") as process:
        _wait_for(address, process)
        yield Web(address, process.pid)


@contextlib.contextmanager
def _running(command, log="", **options):
    with contextlib.ExitStack() as stack:
        if log:
            file = stack.enter_context((FOLDER / f"{log}.log").open("w"))
            options |= {"stdout": file, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **options)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                # A session of its own: nobody else's processes are in the group.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_for(address, process):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(*address, timeout=5)
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise SystemExit(f"The web server did not start; see {FOLDER / 'web.log'}.")


def empty_tables():
    """Forget all records, links, runs and tasks; the schedule stays."""
    from django.apps import apps
    from django.db import connection

    models = [*apps.get_app_config("contacts").get_models()]
    models += apps.get_app_config("integrations").get_models()
    tables = [model._meta.db_table for model in models] + ["django_q_ormq", "django_q_task"]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    from contacts.identity import forget

    forget()


def new_admin():
    from contacts.models import User

    return User.objects.create_user("bench@business.example", "bench", role=User.Role.ADMIN)


def connect(emulator, realm):
    """Connect a company as its admin does; the import is queued. Returns the connection."""
    from django.conf import settings

    from integrations import connecting

    callback = f"{settings.SITE_URL}/settings/integrations/quickbooks/callback/"
    return connecting.complete(new_admin(), code=emulator.grant(realm, callback), realm=realm)
