"""kill -9 of production's worker, `manage.py qcluster`, at points of its push."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from django_q.models import OrmQ

from integrations.models import OutboxEntry
from tests.chaos.table import Flow, beside

ROOT = Path(__file__).resolve().parents[2]
#: A worker that comes to no point has done its work by then.
LONGEST = 20.0


def rows(names):
    """The calls, and what is committed around them."""
    met = {}
    for place, name in enumerate(names):
        count = met[name] = met.get(name, -1) + 1
        if name.endswith("commit") or name.split()[1] in ("GET", "POST"):
            yield f"{place:03} {name} / qcluster kill -9", killed(f"{name}#{count}")


def killed(point):
    def run(emulator):
        flow = Flow(emulator)
        with beside(flow.pull_for_ever), _cluster(emulator, point) as cluster:
            until = time.monotonic() + LONGEST
            while cluster.poll() is None and time.monotonic() < until and _busy():
                time.sleep(0.05)
        OrmQ.objects.all().delete()
        return flow.verdict()

    return run


def _busy():
    return OutboxEntry.objects.exists() or OrmQ.objects.exists()


@contextlib.contextmanager
def _cluster(emulator, point):
    database = connection.settings_dict
    host = quote(database["HOST"], safe="")
    port = f":{database['PORT']}" if database["PORT"] else ""
    environment = {
        **os.environ,
        **emulator.environment,
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DATABASE_URL": f"postgres://{database['USER']}@{host}{port}/{database['NAME']}",
        "CHAOS_DIE_AT": point,
    }
    cluster = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield cluster
    finally:
        # Its own session: nobody else's processes are in the group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()
