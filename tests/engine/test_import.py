"""The first import (R3, R5, R6) and its budgets (design.md)."""

from __future__ import annotations

import math

from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, FieldChange, Product
from integrations.models import CustomerLink, Reason, Run, SetAside
from tests.engine import agreement
from tests.factories import ContactFactory


def test_r3_customers_and_items_become_contacts_and_products(world, staff_client):
    world.customer("Ada Lovelace", "ada@example.com")
    world.customer("Grace Hopper", "grace@example.com")
    world.item("Consulting", "125.50")

    world.connect()
    world.work()

    run = Run.objects.get(kind=Run.Kind.IMPORT)
    assert run.status == Run.Status.DONE
    assert Contact.objects.count() == 2
    store = world.emulator.store(world.realm)
    agreement.assert_contacts_agree(staff_client, store)
    agreement.assert_products_agree(staff_client, store)


def test_r3_second_import_changes_nothing(world):
    world.emulator.generate(world.realm, customers=150, items=40)
    world.connect()
    world.work()
    before = _everything()

    from integrations import importing

    importing.start(world.connection, kind=Run.Kind.IMPORT, trigger=Run.Trigger.PERSON)
    world.work()

    assert _everything() == before
    newest = Run.objects.filter(kind=Run.Kind.IMPORT).latest("pk")
    assert (newest.status, newest.created, newest.updated) == ("done", 0, 0)
    assert newest.skipped == SetAside.objects.count()


def test_r3_a_repeated_import_accounts_for_what_is_still_skipped(world):
    for number in range(3):
        world.customer(f"Nobody {number}", email="")
    world.customer()
    world.connect()
    world.work()

    run = world.import_again()

    counts = run.progress.get(kind="Customer")
    assert (counts.created, counts.unchanged, counts.skipped) == (0, 1, 3)
    assert SetAside.objects.filter(run=run.pk).count() == 3
    world.pull()
    assert SetAside.objects.filter(run=run.pk).count() == 3


def test_r5_email_matches_whatever_its_case_and_history_keeps_what_gave_way(world):
    ours = ContactFactory(email="ADA@Example.com", first_name="Augusta", phone="123", city="Paris")
    world.customer("Ada Lovelace", "ada@example.COM", PrimaryPhone={"FreeFormNumber": "555"})

    world.connect()
    world.work()

    ours.refresh_from_db()
    assert Contact.objects.count() == 1
    assert (ours.first_name, ours.phone, ours.city) == ("Ada", "555", "Paris")
    changes = FieldChange.objects.filter(kind="contact", record_id=ours.pk)
    assert ("first_name", "Augusta", "Ada") in changes.values_list("field", "old", "new")
    assert "city" in CustomerLink.objects.get().apart


def test_r6_customer_without_email_is_listed_and_comes_in_once_an_address_appears(connected):
    nobody = connected.customer("No Address", email=None)
    item = connected.item()
    invoice = connected.invoice(nobody, item)
    connected.pull()

    assert Contact.objects.count() == 0
    assert set(SetAside.objects.values_list("kind", "reason")) == {
        ("Customer", Reason.NO_EMAIL),
        ("Invoice", Reason.CUSTOMER_MISSING),
    }

    connected.change("Customer", nobody, PrimaryEmailAddr={"Address": "now@example.com"})
    connected.pull()

    contact = Contact.objects.get(email="now@example.com")
    assert contact.invoices.get().number == invoice["DocNumber"]
    assert not SetAside.objects.exists()


def test_r8_imported_contacts_are_non_marketable_and_existing_ones_keep_their_status(world):
    ContactFactory(email="old@example.com", consent="marketable")
    world.customer("Old Friend", "old@example.com")
    world.customer("New Face", "new@example.com")

    world.connect()
    world.work()

    assert dict(Contact.objects.values_list("email", "marketing_status")) == {
        "old@example.com": "marketable",
        "new@example.com": "non_marketable",
    }


def test_r5_several_customers_with_one_address_are_one_contact_with_the_lowest_active_main(world):
    first = world.customer("Shared One", "team@example.com", CompanyName="One")
    second = world.customer("Shared Two", "TEAM@example.com", CompanyName="Two")
    world.act("Customer", first, "inactivate")

    world.connect()
    world.work()

    assert Contact.objects.get().company == "Two"
    assert CustomerLink.objects.get(is_main=True).external_id == second["Id"]


def test_r5_main_customers_are_chosen_some_contacts_at_a_time(world, monkeypatch):
    monkeypatch.setattr("integrations.pulling.main_customer._AT_ONCE", 1)
    for team in ("red", "blue", "green"):
        lowest = world.customer(f"{team} one", f"{team}@example.com", CompanyName="One")
        world.customer(f"{team} two", f"{team}@example.com", CompanyName="Two")
        world.act("Customer", lowest, "inactivate")

    world.connect()
    world.work()

    assert list(Contact.objects.values_list("company", flat=True)) == ["Two"] * 3
    assert CustomerLink.objects.filter(is_main=True, display_name__endswith="two").count() == 3


def test_import_of_5000_customers_and_1000_items_keeps_its_budgets(world, staff_client):
    world.emulator.generate(world.realm, customers=5000, items=1000)
    # Old enough that the first pull does not look back on them.
    world.emulator.advance(3600)
    world.emulator.forget_requests()

    world.connect()
    with CaptureQueriesContext(database) as queries:
        world.work()

    store = world.emulator.store(world.realm)
    customers, items = len(store["Customer"]), len(store["Item"])
    budget = math.ceil(customers / 1000) + math.ceil(items / 1000) + 10
    assert len(world.reads()) <= budget
    assert max(_statements_per_page(queries)) <= 12
    assert len(queries) <= 12 * (customers + items) / 1000 + 150
    agreement.assert_contacts_agree(staff_client, store)
    agreement.assert_products_agree(staff_client, store)
    assert Product.objects.count() > 0


def _statements_per_page(queries):
    """COPY included, BEGIN, COMMIT and a mere lock not, for each transaction that wrote a page."""
    statements = []
    for query in queries:
        if query["sql"] == "BEGIN":
            statements = []
        elif "pg_advisory" in query["sql"]:
            continue
        elif query["sql"] != "COMMIT":
            statements.append(query["sql"])
        elif any("integrations_importseen" in each for each in statements[-1:]):
            yield len(statements)


def _everything():
    return (
        list(Contact.objects.order_by("pk").values()),
        list(Product.objects.order_by("pk").values()),
        list(CustomerLink.objects.order_by("pk").values()),
        list(FieldChange.objects.order_by("pk").values()),
        list(SetAside.objects.order_by("pk").values("kind", "external_id", "reason")),
    )
