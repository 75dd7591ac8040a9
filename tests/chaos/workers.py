"""Several workers at once, and one that comes late."""

from __future__ import annotations

import json
import os
import time

from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, FieldChange, Invoice, Payment, Product
from integrations import tasks
from integrations.models import Connection, CustomerLink, SetAside
from integrations.pulling import wake
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.work import Work
from integrations.session import open_api
from tests.chaos.changes import DAY
from tests.chaos.seen import differences
from tests.chaos.sides import fresh, in_a_process

TOKENS = "/oauth2/v1/tokens/bearer"


def _together(work, number):
    """Processes that do the same at the same moment; how each ended."""
    at = time.monotonic() + 0.5

    def one():
        time.sleep(max(0.0, at - time.monotonic()))
        work()

    pids = [in_a_process(one) for _ in range(number)]
    return [os.waitpid(pid, 0)[1] for pid in pids]


def pulls_at_once(emulator):
    world = fresh(emulator)
    ada, item = world.customer(), world.item()
    invoices = {world.invoice(ada, item)["Id"] for _ in range(3)}
    for number in range(20):
        world.customer(f"Person {number}", f"p{number}@example.com")
    pk = world.connection.pk
    wake(pk)
    world.emulator.forget_requests()
    ends = _together(lambda: tasks.pull(pk), 4)
    found = differences(world, invoices=invoices)
    calls = len(world.emulator.requests("/cdc"))
    if any(ends) or calls != 1:
        found.append(f"ended with {ends}, {calls} CDC calls for one wish")
    return found


def stale_page(emulator):
    """What was read before a newer answer was applied reverts nothing, whatever it is about."""
    world = fresh(emulator)
    ada, item = world.customer(), world.item()
    invoice = world.invoice(ada, item)
    payment = world.payment(ada, (invoice, 50))
    old = {"Customer": [ada], "Item": [item], "Invoice": [invoice], "Payment": [payment]}
    stale = world.emulator.store(world.realm)
    old["Invoice"] += stale["Invoice"]
    world.change("Customer", ada, CompanyName="Engines")
    world.change("Item", item, UnitPrice=7)
    world.change("Invoice", invoice, DueDate="2031-03-01")
    world.change("Payment", payment, TotalAmt=80, PrivateNote="more")
    world.pull()
    before = _everything()
    with transaction.atomic():
        work = Work(world.connection, None, timezone.now())
        apply_rows(work, Rows.of({kind: [_raw(row) for row in rows] for kind, rows in old.items()}))
    found = differences(world, invoices={invoice["Id"]})
    return found + [
        f"changed: {a} -> {b}" for a, b in zip(before, _everything(), strict=True) if a != b
    ]


def _everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Contact, Product, Invoice, Payment, FieldChange, CustomerLink, SetAside)
    ]


def _raw(row):
    return json.dumps(row, separators=(",", ":")).encode()


def refreshed_at_once(punished):
    def run(emulator):
        world = fresh(emulator)
        world.emulator.switch(concurrent_refresh_kills=punished)
        pk = world.connection.pk
        found = []
        # Twice: the chain goes on with what the first round left.
        for _ in range(2):
            world.emulator.advance(DAY + 3600)
            world.emulator.forget_requests()
            ends = _together(lambda: _read_company(pk), 6)
            calls = len(world.emulator.requests(TOKENS))
            if any(ends) or calls != 1:
                found.append(f"ended with {ends}, {calls} refreshes")
        if world.connection.status != Connection.Status.CONNECTED:
            found.append(f"it is {world.connection.status}")
        return found

    return run


def _read_company(pk):
    with open_api(Connection.objects.get(pk=pk)) as session:
        session.call(lambda api: api.company_info())
