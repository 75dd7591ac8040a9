"""What seldom happens to the inbound flow and the connection, each as a story of its own.

Every story begins with both sides empty and returns what is wrong in the end, in words.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from decimal import Decimal

from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from contacts.models import Contact, FieldChange, Invoice, Payment, Product
from contacts.services.contacts import update_contact
from contacts.services.invoicing import Line, create_draft, mark_sent
from integrations import attention, tasks, tokens
from integrations.models import (
    Attention,
    Cause,
    Connection,
    CustomerLink,
    InvoiceLink,
    Reason,
    SetAside,
)
from integrations.pulling import wake
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.work import Work
from integrations.session import open_api
from tests.chaos.backup import Backup
from tests.chaos.post import Post, deliver
from tests.chaos.seen import differences
from tests.chaos.sides import calm, complaints, empty, fresh, in_a_process, let_time_pass
from tests.engine.threads import eventually, meanwhile
from tests.factories import ContactFactory, ProductFactory

DAY = 86_400
TOKENS = "/oauth2/v1/tokens/bearer"
#: Enough for two pages and a part of a third.
THREE_PAGES = 2100


def rows():
    """Every row as (name, what runs it)."""
    for count in (999, 1000, 1001):
        yield f"{count:,} changes between two polls", _between_two_polls(count, 0)
    yield "1,001 changes of two kinds between two polls", _between_two_polls(600, 401)
    yield "3,000 changes in one second, 150 of which change again", one_second
    yield "changes older than 29 days, deletions among them", a_month_away
    yield "merged, inactivated and reactivated in mid-import", moved_in_mid_import
    for what, spoil in SPOILED.items():
        yield f"a page that cannot be read for one row: {what}", _unreadable_page(spoil)
    for form in ("cloudevents", "legacy"):
        yield f"events before, during and after the import: {form}", _events_at_any_time(form)
    yield "pulls of four processes at once", pulls_at_once
    yield "a stale page of every kind, late", stale_page
    for punished in (False, True):
        name = "refreshed by six processes at once" + ", second use punished" * punished
        yield name, _refreshed_at_once(punished)
    for grace, name in ((24, "its token still works"), (0, "its token is dead")):
        yield f"restored from an hour ago, {name}", _restored(grace)
    yield "a copy on another address", copied


# --- many changes ---


def _between_two_polls(customers, items):
    def run(emulator):
        world = fresh(emulator)
        world.emulator.advance(600)
        world.poll()
        world.emulator.generate(world.realm, customers=customers, items=items)
        world.emulator.forget_requests()
        world.poll()
        found = differences(world)
        cut = customers + items >= 1000
        if not cut and [each["path"][-3:] for each in world.reads()] != ["cdc"]:
            found.append(f"{len(world.reads())} reads where one tells all")
        world.poll()
        return found + differences(world)

    return run


def one_second(emulator):
    """Rows that change while their second is read move to its end, or out of it."""
    world = fresh(emulator)
    world.emulator.generate(world.realm, customers=3000)
    ids = [row["Id"] for row in world.emulator.store(world.realm)["Customer"]]
    world.emulator.advance(5)
    world.emulator.fail(mode="slow", path="/query", seconds=0.1)
    with meanwhile(world.pull):
        eventually(lambda: len(world.emulator.requests("/query")) >= 2)
        for external_id in ids[5:155]:
            world.emulator.change(world.realm, "Customer", external_id, {"CompanyName": "Moved"})
    world.emulator.control("DELETE", "failures")
    calm(world)
    return differences(world)


def a_month_away(emulator):
    world = fresh(emulator)
    ada, item = world.customer(), world.item()
    bea = world.customer("Bea Miles", "bea@example.com")
    kept, gone, late = (world.invoice(ada, item) for _ in range(3))
    payment, other = world.payment(ada, (kept, 50)), world.payment(ada, (kept, 20))
    world.pull()
    for act in (
        lambda: world.act("Invoice", gone, "delete"),
        lambda: world.act("Payment", payment, "delete"),
        lambda: world.change("Customer", ada, CompanyName="Engines"),
        lambda: world.act("Customer", bea, "inactivate"),
        lambda: world.change("Item", item, UnitPrice=77),
        lambda: world.act("Payment", other, "void"),
        lambda: world.change("Invoice", kept, DueDate="2031-03-01"),
    ):
        act()
        world.emulator.advance(7 * DAY)
    world.act("Invoice", late, "delete")
    world.emulator.advance(2 * DAY)
    calm(world)
    ids = {each["Id"] for each in (kept, gone, late)}
    return differences(world, invoices=ids, known={bea["Id"]})


# --- the import ---


def moved_in_mid_import(emulator):
    world = empty(emulator)
    world.emulator.generate(world.realm, customers=THREE_PAGES)
    rows = _alone_at_their_address(world)
    early, late = rows[10:15], rows[-15:-10]
    for row in (early[0], late[0]):
        world.act("Customer", row, "inactivate")
    world.emulator.fail(mode="slow", path="/query", seconds=0.3)
    world.connect()
    post = Post(world.emulator)
    with meanwhile(world.work):
        eventually(lambda: len(world.emulator.requests("/query")) >= 4)
        for some in (early, late):
            world.act("Customer", some[0], "reactivate")
            world.act("Customer", some[1], "inactivate")
            world.act("Customer", some[2], "merge", into=some[3]["Id"])
            world.change("Customer", some[4], CompanyName="In the midst")
        for body in post.collect():
            deliver(body)
    world.emulator.control("DELETE", "failures")
    calm(world)
    # Read before it was made inactive, or merged away, it is a contact; read later, it is none.
    linked = set(CustomerLink.objects.values_list("external_id", flat=True))
    known = {some[1]["Id"] for some in (early, late)} & linked
    return differences(world, known=known, alone=_left_alone(early[2], late[2]))


def _alone_at_their_address(world):
    """Active customers that share their address with nobody, in the order of their ids."""
    rows = world.emulator.store(world.realm)["Customer"]
    count = Counter(_address(row) for row in rows)
    rows = [row for row in rows if row.get("Active", True) and count[_address(row)] == 1]
    return sorted((row for row in rows if _address(row)), key=lambda row: int(row["Id"]))


def _address(row):
    return row.get("PrimaryEmailAddr", {}).get("Address", "").lower()


def _left_alone(*merged):
    """The addresses of those who were contacts before they were merged away."""
    addresses = {_address(row) for row in merged}
    return addresses & set(Contact.objects.values_list("email", flat=True))


def _bad_address(world):
    """Shape 8: 4002 for everything it comes with."""
    ada, item = world.customer(), world.item()
    invoices = [world.invoice(ada, item) for _ in range(9)]
    world.change("Invoice", invoices[4], BillEmail={"Address": "a@example.com, b@example.com"})
    world.emulator.switch(bad_email_breaks_query=True)
    return {each["Id"] for each in invoices} - {invoices[4]["Id"]}


def _no_json(world):
    world.emulator.generate(world.realm, customers=THREE_PAGES)
    row = world.emulator.store(world.realm)["Customer"][1234]
    world.emulator.switch(unescaped_text=row["PrimaryEmailAddr"]["Address"])
    return set()


SPOILED = {"4002": _bad_address, "no JSON": _no_json}


def _unreadable_page(spoil):
    def run(emulator):
        world = fresh(emulator)
        invoices = spoil(world)
        world.pull()
        bad = SetAside.objects.filter(reason=Reason.UNREADABLE)
        found = [] if bad.count() == 1 else [f"{bad.count()} rows are set aside"]
        # Mended, it comes in by itself.
        world.emulator.switch(bad_email_breaks_query=False, unescaped_text="")
        world.emulator.advance(1)
        calm(world)
        bad.delete()
        everything = {row["Id"] for row in world.emulator.store(world.realm).get("Invoice", [])}
        if not invoices <= everything:
            found.append("others were stopped")
        return found + differences(world, invoices=everything)

    return run


def _events_at_any_time(form):
    def run(emulator):
        world = empty(emulator)
        world.emulator.generate(world.realm, customers=1200)
        rows = _alone_at_their_address(world)
        world.emulator.advance(3600)
        world.connect()
        post = Post(world.emulator, form=form)
        ada, item = world.customer(), world.item()
        papers = [world.invoice(ada, item) for _ in range(3)]
        world.act("Invoice", papers[0], "delete")
        before = post.collect()
        for body in [*before, *before[::-1]]:
            deliver(body)
        world.emulator.fail(mode="slow", path="/query", seconds=0.3)
        with meanwhile(world.work):
            eventually(lambda: len(world.emulator.requests("/query")) >= 3)
            world.act("Customer", rows[3], "merge", into=rows[4]["Id"])
            world.change("Customer", rows[-1], CompanyName="During")
            during = post.collect()
            for body in [*during[::-1], *before]:
                deliver(body)
        world.emulator.control("DELETE", "failures")
        world.change("Customer", ada, CompanyName="After")
        world.act("Invoice", papers[1], "delete")
        after = post.collect()
        for body in [*after[::-1], *during, *before, *after]:
            deliver(body)
        # Nothing but the notifications asks for a pull.
        world.work()
        known = {each["Id"] for each in papers} & set(_linked_invoices())
        if papers[2]["Id"] not in known:
            return ["the live invoice did not come"]
        return differences(world, invoices=known, alone=_left_alone(rows[3]))

    return run


def _linked_invoices():
    return InvoiceLink.objects.values_list("external_id", flat=True)


# --- several workers ---


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


def _refreshed_at_once(punished):
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


# --- another database ---


def _restored(grace):
    """R21: nothing twice, nothing lost; what the token is worth is Intuit's to say."""

    def run(emulator):
        world = fresh(emulator)
        world.emulator.switch(rotate_hours=0, old_refresh_token_grace_hours=grace)
        ada, item = world.customer(), world.item()
        invoice = world.invoice(ada, item)
        world.pull()
        waiting = _invoice_here("waits@example.com")
        backup = Backup()

        tokens.refresh(world.connection, world.connection.access_token)
        calm(world)
        update_contact(Contact.objects.get(email="ada@example.com"), {"phone": "555"})
        _invoice_here("later@example.com")
        bea = world.customer("Bea Miles", "bea@example.com")
        world.payment(ada, (invoice, 50))
        world.act("Invoice", world.invoice(bea, item), "void")
        calm(world)
        world.emulator.advance(3600)

        backup.restore()
        found = []
        if InvoiceLink.objects.filter(invoice=waiting).exists():
            found.append("the backup is none")
        for _ in range(2):
            let_time_pass()
            world.poll()
        here = world.connection
        asked = Attention.objects.filter(closed_at=None, cause=Cause.RECONNECT).exists()
        lost = here.status == Connection.Status.RECONNECT_NEEDED
        if (lost, asked) != ((False, False) if grace else (True, True)):
            found.append(f"it is {here.status}, a person is asked: {asked}")
        if lost:
            world.connect()
        calm(world)
        everything = {row["Id"] for row in world.emulator.store(world.realm)["Invoice"]}
        return found + complaints(world) + differences(world, invoices=everything)

    return run


def _invoice_here(email):
    name = email.partition("@")[0].title()
    contact = ContactFactory(email=email, first_name=name, last_name="One")
    product = ProductFactory(name=f"Table {name}", full_name=f"Table {name}", sku=name)
    line = Line(product, "Oak", Decimal(3), Decimal("33.33"))
    draft = create_draft(contact, [line], currency="USD")
    mark_sent(draft)
    return draft


def copied(emulator):
    """R21: paused by itself, spends no token, says so; at home it goes on."""
    world = fresh(emulator)
    ada = world.customer()
    world.pull()
    post = Post(world.emulator)
    world.change("Customer", ada, CompanyName="Engines")
    world.emulator.advance(DAY + 3600)
    pk = world.connection.pk
    world.emulator.forget_requests()
    with override_settings(SITE_URL="https://staging.example.com"):
        update_contact(Contact.objects.get(), {"phone": "555"})
        for body in post.collect():
            deliver(body)
        tasks.tick()
        wake(pk)
        tasks.pull(pk)
        tasks.push(pk)
        world.work()
        asked = world.emulator.requests("/v3/") + world.emulator.requests("/oauth2/")
        items = [item.cause for item in attention.open_items()]
    found = [f"asked from elsewhere: {each['path']}" for each in asked]
    if items != [Cause.COPIED_DATABASE]:
        found.append(f"a person is asked about {items}")
    world.emulator.forget_requests()
    tasks.tick()
    calm(world)
    return found + complaints(world) + differences(world)
