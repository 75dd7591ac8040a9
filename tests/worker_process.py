"""Production's worker, `manage.py qcluster`, as a process that may be killed at any moment."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from integrations.models import Lease

ROOT = Path(__file__).resolve().parent.parent


def environment(**more):
    """The environment in which a process works on this one's database."""
    wanted = connection.settings_dict
    host = quote(wanted["HOST"], safe="")
    user = wanted["USER"] + (f":{quote(wanted['PASSWORD'])}" if wanted["PASSWORD"] else "")
    port = f":{wanted['PORT']}" if wanted["PORT"] else ""
    return {
        **os.environ,
        "DATABASE_URL": f"postgres://{user}@{host}{port}/{wanted['NAME']}",
        **more,
    }


@contextlib.contextmanager
def worker(environment, *command):
    """A `qcluster`, or another command, with all its processes; killed however it ends."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *(command or ("qcluster",))],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # Its own session: nobody else's processes are in the group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def minutes_pass():
    """A dead worker's lease runs out, and its task is handed out again."""
    past = timezone.now() - timedelta(seconds=1)
    Lease.objects.filter(until__isnull=False).update(until=past)
    OrmQ.objects.update(lock=past)


def a_minute_passes():
    """The schedule enqueues its tick."""
    async_task("integrations.tasks.tick")
