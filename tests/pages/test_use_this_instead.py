"""Both sides edited: one click brings the CRM's value back, and QuickBooks gets it (R10)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.models import Contact, FieldChange, Product
from contacts.services.contacts import update_contact
from contacts.services.products import update_product
from integrations.models import ItemLink
from integrations.record_states import states_of
from tests.engine.world import World
from tests.pages.conftest import person
from tests.signing_in import signed_in


@pytest.fixture
def world(emulator, transactional_db):
    world = World(emulator, person("ada@business.example", role="admin", first_name="Ada"))
    world.connect()
    world.work()
    return world


@pytest.fixture
def client(world):
    return signed_in(person("sam@business.example", first_name="Sam"))


def test_r10_the_value_that_gave_way_comes_back_and_is_sent(world, client):
    there = world.customer("Ada Lovelace", PrimaryPhone={"FreeFormNumber": "1"})
    world.pull()
    contact = Contact.objects.get()
    update_contact(contact, {"phone": "555 0100"})
    world.change("Customer", there, PrimaryPhone={"FreeFormNumber": "555 0199"})
    world.work()
    world.pull()
    contact.refresh_from_db()
    assert contact.phone == "555 0199"

    lost = FieldChange.objects.get(old="555 0100", new="555 0199")
    page = client.get(contact.get_absolute_url()).content.decode()
    assert "Changed on both sides: QuickBooks won." in page
    assert reverse("restore_value", args=[lost.pk]) in page
    client.post(reverse("restore_value", args=[lost.pk]))
    world.work()
    world.pull()

    contact.refresh_from_db()
    assert contact.phone == "555 0100"
    [customer] = world.emulator.store(world.realm)["Customer"]
    assert customer["PrimaryPhone"]["FreeFormNumber"] == "555 0100"
    assert states_of("contact", [contact.pk])[contact.pk].label == "In step"


def test_r10_a_product_too(world, client):
    there = world.item("Consulting", "80.00")
    world.pull()
    product = ItemLink.objects.get(external_id=there["Id"]).product
    update_product(product, {"description": "Ours"})
    world.change("Item", there, Description="Theirs")
    world.work()
    world.pull()
    lost = FieldChange.objects.get(field="description", old="Ours", new="Theirs")
    client.post(reverse("restore_value", args=[lost.pk]))
    world.work()
    assert Product.objects.get(pk=product.pk).description == "Ours"
    stored = {each["Id"]: each for each in world.emulator.store(world.realm)["Item"]}
    assert stored[there["Id"]]["Description"] == "Ours"
