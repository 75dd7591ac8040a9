"""How invoices made here are booked: shown on the card, chosen by an admin (R12, R17)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.models import Contact, Product
from integrations import attention, bookkeeping
from integrations.models import Connection, InvoiceLink, ItemLink, OutboxEntry
from integrations.session import open_api
from tests.engine.world import World
from tests.factories import ProductFactory
from tests.pages.conftest import CARD, connected, person
from tests.pushing.test_invoices import an_invoice, send
from tests.signing_in import signed_in

FORM = "/settings/integrations/quickbooks/bookkeeping/"


@pytest.fixture
def admin_of(transactional_db):
    return person("ada@business.example", role="admin", first_name="Ada")


@pytest.fixture
def opened(emulator, admin_of):
    """Opens a company with these features, connects it and imports."""

    def opened(**features):
        world = World(emulator, admin_of, **features)
        world.emulator.forget_requests()
        world.connect()
        world.work()
        return world

    return opened


@pytest.fixture
def client(admin_of):
    return signed_in(admin_of)


def card(client):
    return client.get(CARD).content.decode()


def accounts(world, kind="Income"):
    stored = world.emulator.store(world.realm)["Account"]
    return {each["Id"]: each for each in stored if each["AccountType"] == kind}


def test_r12_the_income_accounts_are_read_once_and_the_likeliest_is_chosen(opened, client):
    world = opened()
    connection = world.connection
    assert {each["id"] for each in connection.income_accounts} == set(accounts(world))
    assert set(connection.income_accounts[0]) == {"id", "name", "subtype"}
    chosen = accounts(world)[connection.income_account_id]
    assert chosen["AccountSubType"] in {"SalesOfProductIncome", "ServiceFeeIncome"}
    assert connection.income_account_name in card(client)
    # The budget of an import: a page of either kind and ten more.
    assert len(world.reads()) <= 12


def test_r12_another_account_and_product_are_chosen_and_used(opened, client):
    world = opened()
    other = world.emulator.add(
        world.realm,
        "Account",
        {"Name": "Advice", "AccountType": "Income", "AccountSubType": "OtherPrimaryIncome"},
    )
    item = world.item("Odds and ends", "1.00")
    world.import_again("reset")
    assert "Advice" in client.get(FORM).content.decode()

    answer = client.post(FORM, {"account": other["Id"], "fallback": item["Id"]}, follow=True)

    shown = answer.content.decode()
    assert "Saved." in shown
    assert "Advice" in shown
    assert "Go as Odds and ends" in shown
    world.import_again("reset")
    assert world.connection.income_account_id == other["Id"]
    assert world.connection.fallback_item_id == item["Id"]

    world.customer()
    world.pull()
    product = ProductFactory(name="New", full_name="New", sku="")
    send(world, an_invoice(Contact.objects.get(), (product, 1, "10"), ("By hand", 1, "5")), "sent")
    made = ItemLink.objects.get(product=product).external_id
    stored = {each["Id"]: each for each in world.emulator.store(world.realm)["Item"]}
    assert stored[made]["IncomeAccountRef"]["value"] == other["Id"]
    lines = world.emulator.store(world.realm)["Invoice"][0]["Line"]
    assert item["Id"] in {
        line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("value") for line in lines
    }


def test_r12_choosing_a_product_releases_what_was_held_for_want_of_it(opened, client):
    world = opened()
    for each in world.emulator.store(world.realm).get("Item", []):
        world.act("Item", each, "inactivate")
    world.customer()
    world.pull()
    Connection.objects.update(fallback_item_id="", fallback_item_name="")
    send(world, an_invoice(Contact.objects.get(), ("By hand", 1, "5")), "sent")
    assert OutboxEntry.objects.get().held_cause == "no_fallback_item"
    assert "No product is chosen for them" in card(client)
    item = world.item("Odds and ends", "1.00")
    world.pull()

    client.post(FORM, {"account": "", "fallback": item["Id"]})
    world.work()

    assert not OutboxEntry.objects.exists()
    assert InvoiceLink.objects.count() == 1
    assert not attention.open_items().exists()


def test_r12_an_account_that_is_not_offered_is_refused(opened, client):
    world = opened()
    before = world.connection.income_account_id
    [expense, *_] = accounts(world, "Expense") or ["99999"]
    answer = client.post(FORM, {"account": expense}, follow=True).content.decode()
    assert "not among the income accounts" in answer
    answer = client.post(FORM, {"fallback": "99999"}, follow=True).content.decode()
    assert "choose another one" in answer
    assert world.connection.income_account_id == before


def test_r12_a_fallback_that_became_inactive_is_replaced(opened):
    world = opened()
    gone = world.connection.fallback_item_id
    assert gone
    [row] = [e for e in world.emulator.store(world.realm)["Item"] if e["Id"] == gone]
    world.act("Item", row, "inactivate")
    world.customer()
    world.item("Sales", "1.00")
    world.pull()
    send(world, an_invoice(Contact.objects.get(), ("By hand", 1, "5")), "sent")
    used = world.connection.fallback_item_id
    assert used != gone
    assert InvoiceLink.objects.count() == 1


def test_r12_staff_do_not_choose(opened):
    world = opened()
    staff = signed_in(person("sam@business.example"))
    assert staff.get(FORM).status_code == 403
    assert staff.post(FORM, {"account": "1"}).status_code == 403
    page = card(staff)
    assert FORM not in page
    assert world.connection.income_account_name in page


def test_unconnected_there_is_nothing_to_choose(client):
    assert client.get(FORM).headers["Location"] == CARD
    assert client.post(FORM, {"account": "1"}).headers["Location"] == CARD


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ({"country": "US", "sales_tax": True}, "their lines count as non-taxable"),
        ({"country": "US"}, "does not use sales tax"),
        ({"country": "GB", "currency": "GBP"}, "does not use sales tax"),
        (
            {"country": "GB", "currency": "GBP", "sales_tax": True, "exempt": True},
            "tax code Exempt was found",
        ),
        ({"country": "GB", "currency": "GBP", "sales_tax": True}, "wait for a tax code named"),
    ],
)
def test_r17_the_card_tells_what_becomes_of_tax(opened, client, features, words):
    opened(**features)
    page = card(client)
    assert words in page
    assert ("Create one there under Taxes" in page) == ("wait for" in words)


def test_r17_exempt_is_found_once_it_is_there_and_lets_go_what_waited(opened, client):
    world = opened(country="GB", currency="GBP", sales_tax=True)
    world.customer()
    world.pull()
    item = Product.objects.filter(item_links__isnull=False).first()
    send(world, an_invoice(Contact.objects.get(), (item, 1, "10"), currency="GBP"), "sent")
    assert OutboxEntry.objects.get().held_cause == "no_exempt_code"
    world.emulator.add(world.realm, "TaxCode", {"Name": "Exempt", "Active": True})
    connection = world.connection

    with open_api(connection) as session:
        bookkeeping.read(session, connection)
    world.work()

    assert world.connection.exempt_code_id
    assert "tax code Exempt was found" in card(client)
    assert InvoiceLink.objects.count() == 1
    assert not OutboxEntry.objects.exists()


def test_r1_the_form_opens_in_the_dialog_too(client, db):
    connected(income_accounts=[{"id": "1", "name": "Sales", "subtype": ""}], income_account_id="1")
    page = client.get(FORM, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert '<option value="1" selected>Sales</option>' in page
    assert reverse("integrations:bookkeeping") in page
