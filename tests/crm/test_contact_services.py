from __future__ import annotations

import threading

import pytest
from django.db import connection

from contacts.models import Contact, FieldChange, MarketingStatus, Origin, RecordKind
from contacts.services.contacts import (
    EmailTakenError,
    archive_contact,
    create_contact,
    unarchive_contact,
    update_contact,
    with_email,
)
from tests import consents

pytestmark = pytest.mark.django_db


def entries(contact):
    return [
        (c.field, c.old, c.new, c.side, c.by)
        for c in FieldChange.objects.filter(kind=RecordKind.CONTACT, record_id=contact.pk).order_by(
            "id"
        )
    ]


def test_r8_new_contact_is_non_marketable_and_announced_with_what_it_holds(staff, announced):
    contact = create_contact(
        {"first_name": " Jane ", "last_name": "Doe", "email": "jane@example.com"}, by=staff
    )

    contact.refresh_from_db()
    assert (contact.first_name, contact.name) == ("Jane", "Jane Doe")
    assert contact.marketing_status == MarketingStatus.NON_MARKETABLE
    assert contact.origin == Origin.CRM
    assert entries(contact) == [("created", "", "Jane Doe", "crm", staff)]
    assert [(c["record"], c["fields"], c["origin"]) for c in announced] == [
        (contact, {"first_name", "last_name", "email"}, Origin.CRM)
    ]


def test_r5_address_of_another_contact_is_refused_ignoring_case(staff, announced):
    holder = create_contact({"email": "Jane@Example.com"}, by=staff)
    announced.clear()

    with pytest.raises(EmailTakenError) as refusal:
        create_contact({"email": "jane@example.COM"}, by=staff)

    assert refusal.value.holder == holder
    assert Contact.objects.count() == 1
    assert FieldChange.objects.count() == 1
    assert announced == []


def test_r5_update_to_a_taken_address_changes_nothing(staff, announced):
    holder = create_contact({"email": "jane@example.com"})
    contact = create_contact({"email": "joe@example.com", "phone": "1"})
    announced.clear()

    with pytest.raises(EmailTakenError) as refusal:
        update_contact(contact, {"phone": "2", "email": "JANE@example.com"}, by=staff)

    assert refusal.value.holder == holder
    contact.refresh_from_db()
    assert (contact.email, contact.phone) == ("joe@example.com", "1")
    assert announced == []


def test_many_contacts_may_have_no_address():
    create_contact({"first_name": "A"})
    create_contact({"first_name": "B"})

    assert Contact.objects.filter(email="").count() == 2
    assert not with_email("").exists()


def test_r10_update_writes_only_what_differs_from_what_is_stored_now(staff, announced):
    contact = create_contact({"first_name": "Jane", "phone": "1", "city": "Austin"})
    Contact.objects.filter(pk=contact.pk).update(city="Boston")  # a sync wrote meanwhile
    announced.clear()

    changed = update_contact(contact, {"first_name": "Jane", "phone": "2"}, by=staff)

    contact.refresh_from_db()
    assert (contact.phone, contact.city) == ("2", "Boston")
    assert changed == {"phone"}
    assert [(c["fields"], c["record"].city) for c in announced] == [({"phone"}, "Boston")]
    assert entries(contact)[1:] == [("phone", "1", "2", "crm", staff)]


def test_update_with_nothing_new_leaves_no_trace(announced):
    contact = create_contact({"first_name": "Jane"})
    announced.clear()

    assert update_contact(contact, {"first_name": " Jane "}) == frozenset()

    assert announced == []
    assert len(entries(contact)) == 1


def test_announcement_carries_the_new_shown_name(announced):
    contact = create_contact({"first_name": "Jane", "last_name": "Doe"})

    update_contact(contact, {"last_name": "Roe"})

    assert announced[-1]["record"].name == "Jane Roe"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("marketable", "non_marketable"),
        ("waiting", "non_marketable"),
        ("unsubscribed", "unsubscribed"),
        ("non_marketable", "non_marketable"),
    ],
)
def test_r8_consent_does_not_follow_to_another_address(before, after):
    contact = create_contact({"email": "old@example.com"})
    consents.put(before, contact)

    update_contact(contact, {"email": "new@example.com"})

    contact.refresh_from_db()
    assert contact.marketing_status == after
    consents.assert_agreement()


def test_r8_another_spelling_of_the_address_keeps_consent():
    contact = create_contact({"email": "jane@example.com"})
    consents.put("marketable", contact)

    update_contact(contact, {"email": "Jane@Example.com"})

    contact.refresh_from_db()
    assert (contact.email, contact.marketing_status) == ("Jane@Example.com", "marketable")


def test_r22_archiving_is_remembered_and_announces_nothing(staff, announced):
    contact = create_contact({"first_name": "Jane"})
    announced.clear()

    archive_contact(contact, by=staff)
    archive_contact(contact, by=staff)
    contact.refresh_from_db()
    assert contact.archived_at is not None

    unarchive_contact(contact, by=staff)
    contact.refresh_from_db()
    assert contact.archived_at is None
    assert entries(contact)[1:] == [
        ("archived", "False", "True", "crm", staff),
        ("archived", "True", "False", "crm", staff),
    ]
    assert announced == []


@pytest.mark.django_db(transaction=True)
def test_r5_two_people_entering_one_address_at_once_make_one_contact():
    start = threading.Barrier(2)
    outcomes = []

    def enter():
        start.wait()
        try:
            outcomes.append(create_contact({"email": "jane@example.com"}).pk)
        except EmailTakenError as error:
            outcomes.append(f"taken by {error.holder.pk}")
        finally:
            connection.close()

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    contact = Contact.objects.get()
    assert sorted(outcomes, key=str) == [contact.pk, f"taken by {contact.pk}"]
