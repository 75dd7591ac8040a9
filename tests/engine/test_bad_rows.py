"""One bad record never stops the others: set aside with its reason, retried when it changes."""

from __future__ import annotations

import json
import random

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, Invoice, Product
from integrations.models import CustomerLink, InvoiceLink, ItemLink, Reason, Run, SetAside
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.work import Work
from tests.engine.test_catch_up import rested

HUGE = 99999999999999999999999


def test_value_that_fits_no_column_sets_aside_just_its_row(connected):
    """The emulator would refuse the number; QuickBooks' answer is altered on its way."""
    items = [connected.item(f"Item {number}") for number in range(9)]
    raws = [_raw(each) for each in items]
    raws[4] = raws[4].replace(b'"UnitPrice":100', b'"UnitPrice":%d' % HUGE)
    assert str(HUGE).encode() in raws[4]

    work = _apply(connected, Item=raws)

    assert (work.tally.created, work.tally.skipped) == (8, 1)
    assert Product.objects.filter(name__startswith="Item").count() == 8
    kept = SetAside.objects.get()
    assert (kept.external_id, kept.reason) == (items[4]["Id"], Reason.UNREADABLE)

    connected.change("Item", items[4], UnitPrice=7)
    connected.pull()
    assert ItemLink.objects.filter(external_id=items[4]["Id"]).exists()
    assert not SetAside.objects.exists()


@pytest.mark.parametrize("known", [False, True])
def test_text_that_no_index_takes_sets_aside_just_its_row(connected, known):
    """QuickBooks would refuse an address so long; nothing says that it always has."""
    rows = [connected.customer(f"Person {number}", f"p{number}@example.com") for number in range(3)]
    if known:
        connected.pull()
        rows = [connected.change("Customer", row, CompanyName="Engines") for row in rows]
    long = random.Random(7).randbytes(4000).hex().encode()
    raws = [_raw(row).replace(b"p1@", long + b"@") for row in rows]

    work = _apply(connected, Customer=raws)

    assert work.tally.skipped == 1
    assert CustomerLink.objects.filter(snapshot__contains="p0@").exists()
    assert CustomerLink.objects.filter(snapshot__contains="p2@").exists()
    assert SetAside.objects.get().external_id == rows[1]["Id"]


def test_what_the_database_refuses_costs_its_row_and_not_the_page(world):
    """COPY's errors are the database's own; the import tries the page again, halved."""
    rows = [world.customer(f"Person {number}", f"p{number}@example.com") for number in range(9)]
    world.change("Customer", rows[5], CompanyName="Refused")
    table = Contact._meta.db_table
    with database.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT picky CHECK (company <> 'Refused')")
    try:
        world.connect()
        world.work()
        assert Run.objects.filter(kind="import").get().status == Run.Status.DONE
        assert Contact.objects.count() == 8
        kept = SetAside.objects.get()
        assert (kept.external_id, kept.reason) == (rows[5]["Id"], Reason.UNREADABLE)
    finally:
        with database.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT picky")

    world.change("Customer", rows[5], CompanyName="Accepted")
    world.pull()
    assert Contact.objects.count() == 9
    assert not SetAside.objects.exists()


def test_bad_change_of_a_linked_record_is_set_aside_until_a_good_one_comes(connected):
    item = connected.item()
    connected.pull()
    bad = connected.change("Item", item, UnitPrice=5)
    raw = _raw(bad).replace(b'"UnitPrice":5', b'"UnitPrice":%d' % HUGE)
    work = _apply(connected, Item=[raw])
    assert work.tally.skipped == 1
    product = ItemLink.objects.get(external_id=item["Id"]).product
    assert product.unit_price == 100

    connected.change("Item", item, UnitPrice=6)
    connected.pull()
    product.refresh_from_db()
    assert product.unit_price == 6
    assert not SetAside.objects.exists()


def test_bad_parked_invoice_never_stops_its_customer(connected):
    nobody, item = connected.customer("No Address", email=None), connected.item()
    good, bad = connected.invoice(nobody, item), connected.invoice(nobody, item)
    connected.pull()
    # Later than any pull looks back: QuickBooks does not send it again by itself.
    connected.emulator.advance(600)
    connected.pull()
    parked = SetAside.objects.get(external_id=bad["Id"])
    parked.snapshot = parked.snapshot.replace('"Balance":200', f'"Balance":{HUGE}')
    parked.save()

    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.pull()

    assert Contact.objects.get().email == "now@example.com"
    assert InvoiceLink.objects.get().external_id == good["Id"]
    assert SetAside.objects.get().external_id == bad["Id"]

    connected.change("Invoice", bad, DueDate="2030-01-01")
    connected.pull()
    assert Invoice.objects.count() == 2
    assert not SetAside.objects.exists()


@pytest.mark.parametrize("status", ["400", "500"])
def test_invoice_whose_address_fails_the_page_is_set_aside_and_the_others_come(connected, status):
    """Shape 8: 4002 for everything it comes with, under either status."""
    connected.emulator.switch(bad_email_status=status)
    ada, item = connected.customer(), connected.item()
    rows = [connected.invoice(ada, item) for _ in range(5)]
    connected.change("Invoice", rows[2], BillEmail={"Address": "a@example.com, b@example.com"})
    connected.emulator.switch(bad_email_breaks_query=True)
    connected.pull()

    assert Invoice.objects.count() == 4
    assert SetAside.objects.get().reason == Reason.UNREADABLE

    connected.change("Invoice", rows[2], BillEmail={"Address": "a@example.com"})
    connected.pull()
    assert Invoice.objects.count() == 5
    assert not Run.objects.filter(status=Run.Status.RUNNING).exists()


def test_row_that_makes_its_page_no_json_is_set_aside_and_the_others_come(connected):
    """The same for a row that costs a whole answer without QuickBooks noticing it."""
    rows = [connected.customer(f"Person {number}", f"p{number}@example.com") for number in range(6)]
    connected.emulator.switch(unescaped_text="Person 3")
    connected.pull()

    assert Contact.objects.count() == 5
    assert SetAside.objects.get().reason == Reason.UNREADABLE

    connected.emulator.switch(unescaped_text="")
    connected.change("Customer", rows[3], CompanyName="Mended")
    connected.pull()
    assert Contact.objects.count() == 6


def test_r3_import_with_such_a_row_ends_and_names_its_place(world):
    for number in range(6):
        world.customer(f"Person {number}", f"p{number}@example.com")
    world.emulator.switch(unescaped_text="Person 3")
    world.connect()
    world.work()

    run = Run.objects.get(kind=Run.Kind.IMPORT)
    assert (run.status, Contact.objects.count()) == (Run.Status.DONE, 5)
    assert "row 4" in SetAside.objects.get().detail


def test_r3_import_waits_out_an_answer_that_is_none(world):
    """A proxy's page with status 200, at every call for a while."""
    world.customer()
    world.connect()
    world.emulator.fail(mode="status", path="/query", status=200, body="<html>busy</html>")
    world.work()
    assert len(world.emulator.requests("/query")) < 15
    run = Run.objects.get(kind=Run.Kind.IMPORT)
    assert (run.status, SetAside.objects.count()) == (Run.Status.RUNNING, 0)

    world.emulator.control("DELETE", "failures")
    rested(world)
    world.poll()
    run.refresh_from_db()
    assert (run.status, Contact.objects.count()) == (Run.Status.DONE, 1)


def test_r3_import_blames_no_row_for_an_outage_after_the_first_answer(world):
    """A bad row is being looked for, some rows have come, then nothing does for a while."""
    for number in range(6):
        world.customer(f"Person {number}", f"p{number}@example.com")
    world.emulator.switch(unescaped_text="Person 3")
    world.connect()
    world.emulator.fail(
        mode="status", status=200, body="<html>", containing="FROM Customer", nth=12, count=100
    )
    world.work()
    run = Run.objects.get(kind=Run.Kind.IMPORT)
    assert (run.status, SetAside.objects.count()) == (Run.Status.RUNNING, 0)

    world.emulator.control("DELETE", "failures")
    rested(world)
    world.poll()
    run.refresh_from_db()
    assert (run.status, Contact.objects.count()) == (Run.Status.DONE, 5)


def test_r3_import_goes_on_behind_any_number_of_such_rows(world):
    for name in ("Broken 1", "Broken 2", "Broken 3", "Broken 4", "Ada"):
        world.customer(name, f"{name.replace(' ', '')}@example.com")
    world.emulator.switch(unescaped_text="Broken")
    world.connect()
    world.work()
    run = Run.objects.get(kind=Run.Kind.IMPORT)
    assert (run.status, SetAside.objects.count()) == (Run.Status.DONE, 4)
    assert Contact.objects.get().email == "Ada@example.com"


def test_stale_and_equal_rows_never_revert_a_newer_one(connected):
    ada = connected.customer()
    connected.pull()
    old = _raw(ada)
    newer = connected.change("Customer", ada, CompanyName="Engines")
    connected.pull()

    work = _apply(connected, Customer=[old])
    assert (work.tally.updated, Contact.objects.get().company) == (0, "Engines")
    # Equal token and later time, other content: the balance moved (facts 2.3).
    told = _raw(newer)
    later = told.replace(b'"Balance":0', b'"Balance":5')
    _apply(connected, Customer=[later])
    assert '"Balance":0' in _snapshot(ada)
    stamp = newer["MetaData"]["LastUpdatedTime"].encode()
    _apply(connected, Customer=[later.replace(stamp, b"2099-01-01T00:00:00-08:00")])
    assert '"Balance":5' in _snapshot(ada)
    # Equal token and an earlier time: stale.
    _apply(connected, Customer=[told.replace(stamp, b"2001-01-01T00:00:00-08:00")])
    assert '"Balance":5' in _snapshot(ada)


def _raw(row):
    return json.dumps(row, separators=(",", ":")).encode()


def _apply(world, **rows):
    work = Work(world.connection, None, timezone.now())
    with transaction.atomic():
        apply_rows(work, Rows.of(rows))
    return work


def _snapshot(customer):
    return CustomerLink.objects.get(external_id=customer["Id"]).snapshot
