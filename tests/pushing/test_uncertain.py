"""A write whose outcome nobody knows is made once, whatever goes wrong after it (R16)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, Invoice, Product
from contacts.services.contacts import update_contact
from contacts.services.invoicing import void_invoice
from integrations import outbox, tasks
from integrations.models import InvoiceLink, OutboxEntry, PaymentLink
from integrations.pushing import push as pushing
from integrations.quickbooks import faults
from tests.factories import ContactFactory
from tests.pushing.test_edits import _writes
from tests.pushing.test_invoices import an_invoice, pay, send, there

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def known(connected):
    connected.customer()
    connected.item("Consulting", "100.00")
    connected.pull()
    connected.emulator.forget_requests()
    return connected


@pytest.fixture
def invoice(known):
    return an_invoice(Contact.objects.get(), (Product.objects.get(name="Consulting"), 3, "100"))


def later(world, *, by=timedelta(0)):
    """Pauses are over; `by` more has passed since the first sending."""
    long_ago = timezone.now() - timedelta(hours=1)
    OutboxEntry.objects.update(not_before=long_ago)
    for entry in OutboxEntry.objects.filter(state="in_flight"):
        OutboxEntry.objects.filter(pk=entry.pk).update(
            claimed_until=long_ago, first_sent_at=entry.first_sent_at - by
        )
    type(world.connection).objects.update(back_off_until=None)


def lost_answer(world, path="/invoice"):
    world.emulator.fail(method="POST", path=path, count=1, mode="reset_after")


@pytest.mark.parametrize(
    "then",
    [{"mode": "throttle"}, {"mode": "status", "status": 503, "body": "x"}, {"mode": "truncate"}],
)
def test_r16_trouble_after_a_lost_answer_does_not_forget_the_request_id(known, invoice, then):
    lost_answer(known)
    send(known, invoice, "sent_at")
    first = OutboxEntry.objects.get().request_id
    known.emulator.fail(method="POST", path="/invoice", count=1, **then)

    later(known)
    tasks.push(known.connection.pk)
    assert OutboxEntry.objects.get().request_id == first
    later(known)
    tasks.push(known.connection.pk)

    assert len(there(known)) == 1
    assert InvoiceLink.objects.get().invoice == invoice


def test_r16_backing_off_does_not_forget_the_request_id(known, invoice):
    lost_answer(known)
    send(known, invoice, "sent_at")
    OutboxEntry.objects.update(not_before=timezone.now() - timedelta(hours=1))

    # The connection backs off still.
    tasks.push(known.connection.pk)
    assert OutboxEntry.objects.get().state == OutboxEntry.State.IN_FLIGHT
    later(known)
    tasks.push(known.connection.pk)

    assert len(there(known)) == 1


@pytest.mark.parametrize("custom_numbers", [True, False])
def test_r16_write_uncertain_for_a_day_is_looked_up_first(known, invoice, custom_numbers):
    if not custom_numbers:
        company = {**known.connection.company, "custom_numbers": False}
        type(known.connection).objects.update(company=company)
    lost_answer(known)
    send(known, invoice, "sent_at")
    [made] = there(known)
    assert bool(made.get("DocNumber")) or not custom_numbers
    known.emulator.forget_requests()

    later(known, by=timedelta(hours=24))
    # The answer that Intuit kept is not relied upon: emptied, a second sending would act.
    tasks.push(known.connection.pk)

    assert len(there(known)) == 1
    assert _writes(known) == []
    assert InvoiceLink.objects.get().external_id == made["Id"]


def test_r16_old_uncertain_write_that_never_happened_is_made(known, invoice):
    known.emulator.fail(method="POST", path="/invoice", count=1, mode="reset_before")
    send(known, invoice, "sent_at")
    assert there(known) == []

    later(known, by=timedelta(hours=24))
    tasks.push(known.connection.pk)

    assert len(there(known)) == 1
    assert not OutboxEntry.objects.exists()


def test_r16_old_uncertain_payment_is_looked_up_first(known, invoice):
    send(known, invoice, "sent_at")
    lost_answer(known, "/payment")
    payment = pay(invoice, Decimal(120))
    send(known, payment, "created")
    known.emulator.forget_requests()

    later(known, by=timedelta(hours=24))
    tasks.push(known.connection.pk)

    assert [row["TotalAmt"] for row in there(known, "Payment")] == [120]
    assert PaymentLink.objects.get().payment == payment
    assert _writes(known) == []


def test_r16_old_uncertain_contact_and_product_are_looked_up_first(connected):
    from tests.factories import ProductFactory

    connected.pull()
    before = len(there(connected, "Item"))
    contact = ContactFactory(email="new@example.com")
    product = ProductFactory(name="One", full_name="One", sku="")
    for path, kind, record in (("/customer", "contact", contact), ("/item", "product", product)):
        lost_answer(connected, path)
        outbox.enqueue(connected.connection, kind, record.pk)
        connected.work()
        later(connected, by=timedelta(hours=24))
        tasks.push(connected.connection.pk)
        assert not OutboxEntry.objects.exists()

    assert len(there(connected, "Customer")) == 1
    assert len(there(connected, "Item")) == before + 1


def test_lost_claim_settles_nothing(known, invoice):
    entry = _claimed(known, invoice)
    OutboxEntry.objects.update(owner="somebody else")

    with pytest.raises(outbox.ClaimLost):
        outbox.keep_bytes(entry, "invoice", b"{}")
    with pytest.raises(outbox.ClaimLost), transaction.atomic():
        outbox.guard(entry)
    outbox.start_over(entry, 0)
    outbox.done(entry)

    assert OutboxEntry.objects.get().state == OutboxEntry.State.IN_FLIGHT


def test_entry_is_claimed_once_and_not_while_paused(known, invoice):
    connections = type(known.connection).objects
    outbox.enqueue(known.connection, "invoice", invoice.pk)
    connections.update(paused_at=timezone.now())
    assert outbox.claim(known.connection.pk) is None
    connections.update(paused_at=None)

    assert outbox.claim(known.connection.pk).record_id == invoice.pk
    assert outbox.claim(known.connection.pk) is None


def test_r15_invoice_edited_while_its_create_is_in_flight_ends_as_edited(known, invoice):
    entry = _claimed(known, invoice)
    line = invoice.lines.get()
    line.quantity, line.amount = Decimal(4), Decimal(400)
    Invoice.objects.filter(pk=invoice.pk).update(subtotal=400, total=400, balance=400)

    def edit():
        line.save()
        outbox.enqueue(known.connection, "invoice", invoice.pk)

    _send_with(known, entry, edit)
    invoice.refresh_from_db()
    assert (invoice.total, invoice.balance) == (400, 400)
    known.work()

    assert there(known)[0]["TotalAmt"] == 400
    known.pull()
    invoice.refresh_from_db()
    assert (invoice.total, invoice.balance) == (400, 400)


def test_r15_void_while_the_create_is_in_flight_follows(known, invoice):
    entry = _claimed(known, invoice)

    _send_with(known, entry, lambda: void_invoice(invoice, reason="Wrong customer"))
    invoice.refresh_from_db()
    assert invoice.balance == 0
    known.work()
    known.pull()

    assert there(known)[0]["PrivateNote"].startswith("Voided")
    invoice.refresh_from_db()
    assert (invoice.balance, invoice.void_note) == (0, "Wrong customer")


def test_r9_contact_edited_while_it_is_being_made_follows(connected):
    contact = ContactFactory(email="new@example.com", phone="1")
    outbox.enqueue(connected.connection, "contact", contact.pk)
    entry = outbox.claim(connected.connection.pk)

    _send_with(connected, entry, lambda: update_contact(contact, {"phone": "2"}))
    connected.work()

    assert there(connected, "Customer")[0]["PrimaryPhone"]["FreeFormNumber"] == "2"
    assert not OutboxEntry.objects.exists()


def test_entry_that_always_fails_lets_the_others_pass(known):
    for number in (1, 2):
        contact = ContactFactory(email=f"c{number}@example.com")
        outbox.enqueue(known.connection, "contact", contact.pk)
    known.emulator.fail(method="POST", path="/customer", count=3, mode="status", status=500)

    for _ in range(4):
        type(known.connection).objects.update(back_off_until=None)
        tasks.push(known.connection.pk)
    OutboxEntry.objects.update(not_before=timezone.now())
    type(known.connection).objects.update(back_off_until=None)
    tasks.push(known.connection.pk)

    assert not OutboxEntry.objects.filter(attempts__lt=2, state="waiting").exists()


def _claimed(world, invoice):
    from django_q.models import OrmQ

    outbox.enqueue(world.connection, "invoice", invoice.pk)
    OrmQ.objects.all().delete()
    return outbox.claim(world.connection.pk)


def _send_with(world, entry, meanwhile):
    """Send the entry; something happens between QuickBooks' answer and our keeping it."""
    from integrations.pulling.work import Work
    from integrations.pushing import ending, writing
    from integrations.session import open_api

    connection = world.connection
    work = Work(connection, None, timezone.now())
    with open_api(connection) as session:
        step = writing.next_step(session, work, entry)
        outbox.keep_bytes(entry, step.path, step.body)
        answer = writing.write(session, entry)
        meanwhile()
        ending.settle(work, entry, answer)


def test_unknown_outcome_is_what_the_faults_say():
    assert faults.TimedOut.outcome_unknown
    assert faults.ServerTrouble.outcome_unknown
    assert not faults.Throttled.outcome_unknown
    assert timedelta(hours=20) < pushing.TRUSTED_AGE < timedelta(hours=24)
