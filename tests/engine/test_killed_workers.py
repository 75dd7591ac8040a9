"""Workers as processes of their own, killed with no chance to tidy up (design.md, Tests)."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Contact, FieldChange
from integrations.models import CustomerLink, ImportSeen, Lease, Run
from tests.engine.threads import eventually

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def worker(environment):
    """A `qcluster` with all its processes; killed at the end, however it comes."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def minutes_pass():
    """A dead worker's lease runs out, and its task is handed out again."""
    past = timezone.now() - timedelta(seconds=1)
    Lease.objects.filter(until__isnull=False).update(until=past)
    OrmQ.objects.update(lock=past)


@pytest.mark.timeout(90)
def test_r3_import_killed_twice_ends_exactly_as_one_that_was_left_alone(world, process_environment):
    environment = {**process_environment, **world.emulator.environment}
    chance = random.Random(seed := random.randrange(10_000))
    log.warning("seed %s", seed)
    world.emulator.generate(world.realm, customers=3000)
    world.emulator.fail(mode="slow", path="/query", seconds=0.25)
    world.connect()
    run = Run.objects.get()

    for _ in range(2):
        before = CustomerLink.objects.count()
        with worker(environment):
            # While it starts, before, during or after a page.
            eventually(lambda before=before: _moved(run, before), 30)
            time.sleep(chance.random() * 0.15)
        minutes_pass()
    world.emulator.control("DELETE", "failures")
    with worker(environment):
        eventually(lambda: _ended(run), 30)

    run.refresh_from_db()
    assert run.status == Run.Status.DONE
    store = world.emulator.store(world.realm)["Customer"]
    welcome = [c for c in store if c.get("PrimaryEmailAddr") and c.get("Active", True)]
    links = CustomerLink.objects.values_list("external_id", flat=True)
    assert sorted(links) == sorted(each["Id"] for each in welcome)
    addresses = {c["PrimaryEmailAddr"]["Address"].split(",")[0].lower() for c in welcome}
    assert Contact.objects.count() == len(addresses)
    assert FieldChange.objects.filter(kind="contact").count() == len(addresses)
    done = run.progress.get(kind="Customer")
    assert (done.done, done.total, done.created) == (3000, 3000, len(addresses))
    assert (done.created + done.updated + done.skipped, done.unchanged) == (3000, 0)
    assert not ImportSeen.objects.exists()


def _moved(run, links):
    return CustomerLink.objects.count() > links or _ended(run)


def _ended(run):
    return Run.objects.get(pk=run.pk).status != Run.Status.RUNNING
