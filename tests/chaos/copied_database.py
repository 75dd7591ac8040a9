"""A true copy of the database, started on another address with workers of its own (R21)."""

from __future__ import annotations

import contextlib
import subprocess
import sys

from django.db import connection, connections
from django_q.models import OrmQ

from contacts.models import Contact
from contacts.services.contacts import update_contact
from integrations import attention
from integrations.models import Cause, OutboxEntry
from integrations.pulling import wake
from tests import worker_process
from tests.chaos.changes import DAY
from tests.chaos.seen import differences
from tests.chaos.sides import complaints, fresh, questions
from tests.engine.threads import eventually

ELSEWHERE = "https://staging.example.com"
PATIENCE = 30


def copied(emulator):
    """It is paused and asks Intuit nothing, whatever its queue holds; the original goes on."""
    world = fresh(emulator)
    ada = world.customer()
    world.pull()
    # Work of every kind: news there, an edit here, a wish, and tokens that are a day old.
    world.change("Customer", ada, CompanyName="Engines")
    update_contact(Contact.objects.get(), {"phone": "555"})
    wake(world.connection.pk)
    world.emulator.advance(DAY + 3600)
    world.emulator.forget_requests()
    with _copy() as name:
        with _on(name):
            environment = worker_process.environment(**emulator.environment, SITE_URL=ELSEWHERE)
            _work_off(environment)
            items = [item.cause for item in attention.open_items()]
            found = [] if OutboxEntry.objects.count() == 1 else ["the copy's edit is lost"]
            status = _status(environment)
        asked = emulator.requests("/v3/") + emulator.requests("/oauth2/")
        found += [f"asked from elsewhere: {each['path']}" for each in asked]
        if items != [Cause.COPIED_DATABASE]:
            found.append(f"a person is asked about {items}")
        if "paused" not in status.lower():
            found.append(f"the copy's status: {status}")
        _work_off(worker_process.environment(**emulator.environment))
    return found + complaints(world) + questions() + differences(world)


def _work_off(environment):
    """A `qcluster` does whatever is queued, and a tick."""
    with worker_process.worker(environment):
        worker_process.a_minute_passes()
        eventually(lambda: not OrmQ.objects.exists(), PATIENCE)


def _status(environment):
    """What the command says, in a process of its own."""
    command = [sys.executable, "manage.py", "quickbooks_status"]
    told = subprocess.run(
        command, cwd=worker_process.ROOT, env=environment, capture_output=True, text=True
    )
    return told.stdout + told.stderr


@contextlib.contextmanager
def _copy():
    """The name of a copy of this process's database, which lasts as long as the block."""
    name = connection.settings_dict["NAME"]
    copy = f"{name}_copy"
    # Nobody may be connected to what is copied.
    connections.close_all()
    _tell_server(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    try:
        yield copy
    finally:
        _tell_server(f'DROP DATABASE "{copy}" WITH (FORCE)')


def _tell_server(statement):
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


@contextlib.contextmanager
def _on(name):
    """This process, and those that it starts, work on that database."""
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
