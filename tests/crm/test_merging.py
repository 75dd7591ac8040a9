from __future__ import annotations

import datetime
import threading

import pytest
from django.db import connection

from contacts.models import Contact, FieldChange, Invoice, Payment, RecordKind
from contacts.services.consent.history import of_contact
from contacts.services.contacts import create_contact, update_contact
from contacts.services.merging import SameContactError, merge_contacts, planned
from contacts.services.restoring import restore_value
from contacts.signals import contacts_merged
from tests import consents

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 23)


def invoice_for(contact, total="10"):
    return Invoice.objects.create(
        contact=contact, issue_date=TODAY, currency="USD", total=total, balance=total
    )


def payment_of(contact):
    return Payment.objects.create(contact=contact, date=TODAY, amount="5", currency="USD")


def test_r5_merging_keeps_every_invoice_payment_and_history(staff):
    survivor = create_contact({"first_name": "Jane", "email": "jane@example.com"})
    loser = create_contact({"first_name": "J.", "email": "j@example.com", "phone": "1"})
    update_contact(loser, {"phone": "2"}, by=staff)
    invoices = {invoice_for(survivor).pk, invoice_for(loser).pk, invoice_for(loser).pk}
    payments = {payment_of(survivor).pk, payment_of(loser).pk}
    before = set(FieldChange.objects.values_list("pk", flat=True))

    merge_contacts(survivor, loser, by=staff)

    assert not Contact.objects.filter(pk=loser.pk).exists()
    assert set(survivor.invoices.values_list("pk", flat=True)) == invoices
    assert set(survivor.payments.values_list("pk", flat=True)) == payments
    history = FieldChange.objects.filter(kind=RecordKind.CONTACT, record_id=survivor.pk)
    assert before <= set(history.values_list("pk", flat=True))
    assert history.get(field="phone", old="1").note == f"Of the merged contact {loser.pk}."
    assert history.get(field="merged").by == staff


def test_r5_survivors_empty_fields_are_filled_and_its_own_stay(staff, announced):
    survivor = create_contact({"first_name": "Jane", "email": "jane@example.com"})
    loser = create_contact({"first_name": "Joan", "email": "joan@example.com", "phone": "7"})
    announced.clear()

    merge_contacts(survivor, loser, by=staff)

    survivor.refresh_from_db()
    assert (survivor.first_name, survivor.email, survivor.phone) == (
        "Jane",
        "jane@example.com",
        "7",
    )
    assert [(c["record"], c["fields"]) for c in announced] == [(survivor, {"phone"})]


def test_r10_what_the_loser_held_is_one_click_away(staff):
    survivor = create_contact({"first_name": "Jane", "email": "jane@example.com"})
    loser = create_contact({"first_name": "Joan", "email": "joan@example.com"})
    merge_contacts(survivor, loser, by=staff)
    entry = FieldChange.objects.get(field="email", old="joan@example.com", new="jane@example.com")

    restore_value(entry, by=staff)

    survivor.refresh_from_db()
    assert survivor.email == "joan@example.com"


def test_an_address_is_taken_over_whole_and_never_mixed():
    survivor = create_contact({"first_name": "A", "city": "Austin"})
    loser = create_contact({"first_name": "B", "line1": "1 Main St", "city": "Boston"})

    merge_contacts(survivor, loser)

    survivor.refresh_from_db()
    assert (survivor.line1, survivor.city) == ("", "Austin")
    assert FieldChange.objects.filter(record_id=survivor.pk, field="line1", old="1 Main St")


def test_a_survivor_without_address_takes_the_losers():
    survivor = create_contact({"first_name": "Jane"})
    loser = create_contact({"first_name": "J.", "email": "jane@example.com"})
    consents.put("marketable", loser)

    merge_contacts(survivor, loser)

    survivor.refresh_from_db()
    assert (survivor.email, survivor.marketing_status) == ("jane@example.com", "non_marketable")


@pytest.mark.parametrize(
    ("kept", "gone", "after"),
    [
        ("non_marketable", "marketable", "non_marketable"),
        ("marketable", "non_marketable", "marketable"),
        ("marketable", "unsubscribed", "unsubscribed"),
        ("unsubscribed", "marketable", "unsubscribed"),
    ],
)
def test_r8_merging_never_raises_consent(kept, gone, after):
    survivor = create_contact({"email": "a@example.com"})
    loser = create_contact({"email": "b@example.com"})
    consents.put(kept, survivor)
    consents.put(gone, loser)

    merge_contacts(survivor, loser)

    survivor.refresh_from_db()
    assert survivor.marketing_status == after
    consents.assert_agreement()


def test_r8_the_history_of_the_survivor_tells_what_became_of_the_others_consent():
    survivor = create_contact({"email": "a@example.com"})
    loser = create_contact({"email": "b@example.com"})
    consents.put("marketable", loser)

    merge_contacts(survivor, loser)

    event = of_contact(survivor).get()
    assert (event.address, event.old, event.new) == (
        "b@example.com",
        "marketable",
        "non_marketable",
    )
    assert event.source == f"Merging with b@example.com ({loser.pk})"


def test_r5_listeners_hear_of_the_merge_while_both_are_saved(heard):
    survivor, loser = create_contact({"first_name": "A"}), create_contact({"first_name": "B"})
    invoice_for(loser)
    seen = []

    def look(survivor, loser, **_):
        seen.append((survivor.pk, loser.pk, Contact.objects.count(), survivor.invoices.count()))

    contacts_merged.connect(look)
    try:
        merge_contacts(survivor, loser)
    finally:
        contacts_merged.disconnect(look)

    assert seen == [(survivor.pk, loser.pk, 2, 1)]


def test_a_failing_listener_undoes_the_whole_merge():
    survivor, loser = create_contact({"first_name": "A"}), create_contact({"first_name": "B"})
    invoice = invoice_for(loser)

    def fail(**_):
        raise RuntimeError("no")

    contacts_merged.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            merge_contacts(survivor, loser)
    finally:
        contacts_merged.disconnect(fail)

    invoice.refresh_from_db()
    assert invoice.contact == loser
    assert not FieldChange.objects.filter(field="merged").exists()


def test_a_contact_is_not_merged_with_itself():
    contact = create_contact({"first_name": "A"})

    with pytest.raises(SameContactError):
        merge_contacts(contact, contact)

    assert Contact.objects.filter(pk=contact.pk).exists()


def test_the_plan_names_what_is_filled_and_what_is_left():
    survivor = create_contact({"first_name": "Jane", "phone": "1", "city": "Austin"})
    loser = create_contact({"first_name": "Joan", "city": "Austin", "company": "ACME"})

    plan = planned(survivor, loser)

    assert plan.filled == {"company": ("", "ACME")}
    assert plan.left == {"first_name": ("Joan", "Jane")}
    assert plan.status == "non_marketable"


@pytest.mark.django_db(transaction=True)
def test_two_people_merging_a_pair_in_both_directions_leave_one_contact():
    a, b = create_contact({"first_name": "A"}), create_contact({"first_name": "B"})
    invoice_for(a)
    invoice_for(b)
    start = threading.Barrier(2)
    outcomes = []

    def merge(survivor, loser):
        start.wait()
        try:
            merge_contacts(survivor, loser)
            outcomes.append("merged")
        except Contact.DoesNotExist:
            outcomes.append("gone")
        finally:
            connection.close()

    threads = [threading.Thread(target=merge, args=pair) for pair in [(a, b), (b, a)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["gone", "merged"]
    assert Contact.objects.get().invoices.count() == 2
