"""Class, location, terms and deposit account: on the card where the company has them (R12)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import Contact
from integrations.models import OutboxEntry
from tests.engine.world import World
from tests.pages.conftest import CARD, person
from tests.pushing.test_invoices import an_invoice, pay, send, there
from tests.signing_in import signed_in

FORM = "/settings/integrations/quickbooks/bookkeeping/"


@pytest.fixture
def admin_of(transactional_db):
    return person("ada@business.example", role="admin", first_name="Ada")


@pytest.fixture
def client(admin_of):
    return signed_in(admin_of)


@pytest.fixture
def opened(emulator, admin_of):
    """Connects a company with these settings of its books, a class, a location, a customer."""

    def opened(**preferences):
        world = World(emulator, admin_of)
        world.places = {
            "class": emulator.add(world.realm, "Class", {"Name": "Shop"})["Id"],
            "location": emulator.add(world.realm, "Department", {"Name": "North"})["Id"],
        }
        if preferences:
            told = {"AccountingInfoPrefs": preferences}
            emulator.change(world.realm, "Preferences", "1", told)
        world.connect()
        world.work()
        world.customer()
        world.pull()
        return world

    return opened


def listed(world, kind, name):
    rows = world.emulator.store(world.realm)[kind]
    return next(each["Id"] for each in rows if each["Name"] == name)


def test_r12_a_company_without_classes_and_locations_is_not_asked_about_them(opened, client):
    world = opened()
    asked = [each["query"] for each in world.reads()]
    page = client.get(FORM).content.decode()
    assert 'id="class"' not in page
    assert 'id="line_class"' not in page
    assert 'id="location"' not in page
    assert 'id="terms"' in page
    assert "Checking" in page
    assert not [each for each in asked if "Class" in each or "Department" in each]


def test_r12_without_a_choice_quickbooks_decides(opened, client):
    world = opened(ClassTrackingPerTxn=True, TrackDepartments=True)
    assert "mostly Undeposited Funds" in client.get(CARD).content.decode()
    invoice = an_invoice(Contact.objects.get(), ("Advice", 1, "10"))
    send(world, invoice)
    send(world, pay(invoice, Decimal(10)))
    [made], [paid] = there(world), there(world, "Payment")
    assert not {"ClassRef", "DepartmentRef", "SalesTermRef"} & made.keys()
    assert paid["DepositToAccountRef"]["value"] == listed(world, "Account", "Undeposited Funds")


def test_r12_what_is_chosen_goes_with_new_invoices_and_payments(opened, client):
    world = opened(ClassTrackingPerTxn=True, TrackDepartments=True)
    terms, bank = listed(world, "Term", "Net 15"), listed(world, "Account", "Checking")
    chosen = world.places | {"terms": terms, "deposit": bank}

    answer = client.post(FORM, chosen, follow=True).content.decode()

    for name in ("Shop", "North", "Net 15", "Checking"):
        assert name in answer
    invoice = an_invoice(Contact.objects.get(), ("Advice", 1, "10"))
    send(world, invoice)
    send(world, pay(invoice, Decimal(10)))
    [made], [paid] = there(world), there(world, "Payment")
    assert made["ClassRef"] == {"value": world.places["class"], "name": "Shop"}
    assert made["DepartmentRef"] == {"value": world.places["location"], "name": "North"}
    assert (made["SalesTermRef"]["value"], made["DueDate"]) == (terms, "2026-12-23")
    assert paid["DepositToAccountRef"]["value"] == bank
    assert paid["DepartmentRef"]["value"] == world.places["location"]
    invoice.refresh_from_db()
    assert (invoice.locked_reason, invoice.balance) == ("", 0)
    assert not OutboxEntry.objects.exists()


def test_r12_a_class_for_each_line_goes_on_new_lines_and_leaves_others_as_they_are(opened, client):
    world = opened(ClassTrackingPerTxnLine=True)
    client.post(FORM, {"line_class": world.places["class"]})
    invoice = an_invoice(Contact.objects.get(), ("Advice", 1, "10"))
    send(world, invoice)
    [made] = there(world)
    shop = {"value": world.places["class"], "name": "Shop"}
    assert made["Line"][0]["SalesItemLineDetail"]["ClassRef"] == shop
    other = world.emulator.add(world.realm, "Class", {"Name": "Web"})
    line = made["Line"][0]
    line["SalesItemLineDetail"]["ClassRef"] = {"value": other["Id"]}
    world.change("Invoice", made, Line=[line])
    world.pull()

    line = invoice.lines.get()
    line.quantity, line.amount = Decimal(2), Decimal(20)
    line.save()
    type(invoice).objects.filter(pk=invoice.pk).update(subtotal=20, total=20, balance=20)
    invoice.refresh_from_db()
    send(world, invoice, "lines")

    [made] = there(world)
    assert made["TotalAmt"] == 20
    assert made["Line"][0]["SalesItemLineDetail"]["ClassRef"]["name"] == "Web"


def test_r12_a_choice_that_is_gone_there_is_dropped_when_the_lists_are_read_again(opened, client):
    world = opened(TrackDepartments=True)
    client.post(FORM, {"location": world.places["location"]})
    world.act("Department", {"Id": world.places["location"]}, "inactivate")

    world.import_again("reset")

    assert world.connection.assigned.get("location", "") == ""
    answer = client.post(FORM, {"location": world.places["location"]}, follow=True)
    assert "Location: that is not offered any more" in answer.content.decode()
    send(world, an_invoice(Contact.objects.get(), ("Advice", 1, "10")))
    assert "DepartmentRef" not in there(world)[0]
