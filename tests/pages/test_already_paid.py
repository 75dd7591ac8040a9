"""Already paid there on ...: use that one, or send anyway (R18)."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.models import Contact, FieldChange, Invoice, Payment
from contacts.services.payments import record_payment
from integrations import attention
from integrations.models import Cause, OutboxEntry, PaymentLink
from tests.engine.world import World
from tests.pages.conftest import person
from tests.signing_in import signed_in

DAY = datetime.date(2026, 11, 20)


@pytest.fixture
def world(emulator, transactional_db):
    world = World(emulator, person("ada@business.example", role="admin", first_name="Ada"))
    world.connect()
    world.work()
    return world


@pytest.fixture
def client(world):
    return signed_in(person("sam@business.example", first_name="Sam"))


@pytest.fixture
def held(world):
    """The same 200 entered on both sides: first there, and here before that arrived."""
    customer, item = world.customer(), world.item()
    there = world.invoice(customer, item)
    world.pull()
    invoice = Invoice.objects.get()
    world.payment(customer, (there, 200))
    ours = record_payment(invoice.contact, Decimal(200), DAY, allocations={invoice: Decimal(200)})
    world.work()
    world.pull()
    world.work()
    [item] = attention.open_items()
    assert item.cause == Cause.PUSH_HELD
    assert payments_there(world) == [200]
    return item, ours


def payments_there(world):
    return [each["TotalAmt"] for each in world.emulator.store(world.realm).get("Payment", [])]


def press(client, item, action):
    address = reverse("integrations:attention_act", args=[item.pk, action])
    return client.post(address, follow=True).content.decode()


def test_r18_the_question_names_quickbooks_payment_with_date_and_amount(client, held):
    _, ours = held
    page = client.get("/attention/").content.decode()
    theirs = Payment.objects.exclude(pk=ours.pk).get()
    assert "already paid there" in page
    assert "Payment of 200.00 USD" in page
    assert "in QuickBooks, 200.00 of it on this invoice" in page
    assert theirs.get_absolute_url() in page
    assert ours.get_absolute_url() in page
    assert "Use that one" in page
    assert "Send anyway" in page


def test_r18_use_that_one_voids_ours_and_keeps_theirs(world, client, held):
    item, ours = held
    page = press(client, item, "use_theirs")
    world.work()
    world.pull()
    world.poll()

    assert "is void here" in page
    ours.refresh_from_db()
    assert ours.voided_at
    assert ours.void_note.startswith("Received once; QuickBooks has it as 200.00 USD of")
    invoice = Invoice.objects.get()
    assert (invoice.balance, invoice.credited) == (0, 0)
    assert [each.payment_id for each in invoice.allocations.all()] != [ours.pk]
    assert invoice.allocations.get().amount == 200
    assert payments_there(world) == [200]
    assert not attention.open_items().exists()
    assert not OutboxEntry.objects.exists()
    noted = FieldChange.objects.get(kind="payment", record_id=ours.pk, field="voided_at")
    assert noted.by.email == "sam@business.example"
    assert "That was settled meanwhile." in press(client, item, "use_theirs")


def test_r18_send_anyway_sends_ours_too(world, client, held):
    item, ours = held
    press(client, item, "send_anyway")
    world.work()
    assert payments_there(world) == [200, 200]
    assert PaymentLink.objects.filter(payment=ours).exists()
    assert not attention.open_items().exists()
    # Nothing was left to pay there: it is a credit on both sides.
    ours.refresh_from_db()
    assert (ours.unapplied, ours.allocations.count()) == (Decimal(200), 0)


def test_r18_a_payment_that_is_there_in_part_is_not_dropped(world, client, held):
    item, ours = held
    theirs = PaymentLink.objects.get()
    PaymentLink.objects.create(
        connection=world.connection,
        payment=ours,
        external_id="900",
        customer_id="1",
        sync_token=0,
        remote_updated_at=theirs.remote_updated_at,
        in_step_since=theirs.in_step_since,
        snapshot=theirs.snapshot,
    )
    page = press(client, item, "use_theirs")
    assert "in QuickBooks already" in page
    ours.refresh_from_db()
    assert ours.voided_at is None
    assert attention.open_items().exists()
    assert Contact.objects.get()
