"""What people do for consent, to one contact or to many (R8)."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Consent, ConsentEvent, Contact
from contacts.services.consent.acting import (
    ReasonMissingError,
    opt_in,
    opt_in_again,
    request_confirmation,
)
from contacts.services.consent.choosing import Act, LeftOut, Outlook, outlook
from contacts.services.consent.gate import may_receive
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.contacts import create_contact, update_contact
from contacts.signals import became_marketable, mail_waiting
from tests import consents
from tests.consent.conftest import consent_of, events
from tests.factories import ContactFactory
from tests.signals import heard

pytestmark = pytest.mark.django_db


def everybody():
    return Contact.objects.order_by("name")


def test_r8_opting_in_says_who_when_and_why_and_makes_marketable(staff):
    ada = ContactFactory(email="Ada@Example.com")
    before = timezone.now()

    with heard(became_marketable) as risen:
        done = opt_in(everybody(), reason=" Signed the paper form. ", by=staff, source="Contacts")

    ada.refresh_from_db()
    assert done == Outlook(1, {})
    assert ada.marketing_status == "marketable"
    assert may_receive("ADA@example.com")
    assert [call["risen"] for call in risen] == [[(ada.pk, "ada@example.com")]]
    event = ConsentEvent.objects.get()
    assert (event.what, event.old, event.new) == ("opted_in", "non_marketable", "marketable")
    assert (event.by, event.reason) == (staff, "Signed the paper form.")
    assert (event.source, event.contact_id) == ("Contacts", ada.pk)
    assert before <= event.at == consent_of(ada).since


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_r8_nobody_is_opted_in_without_a_reason(staff, reason):
    ada = ContactFactory(consent="unsubscribed")
    with pytest.raises(ReasonMissingError):
        opt_in(everybody(), reason=reason, by=staff)
    with pytest.raises(ReasonMissingError):
        opt_in_again(ada, reason=reason, by=staff)
    assert not ConsentEvent.objects.exists()


def test_r8_many_are_opted_in_and_those_left_out_are_counted_by_reason(staff):
    ContactFactory()
    ContactFactory(consent="waiting")
    ContactFactory(consent="marketable")
    ContactFactory.create_batch(2, consent="unsubscribed")
    ContactFactory.create_batch(3, without_email=True)
    ContactFactory(archived=True)
    expected = Outlook(
        2,
        {
            LeftOut.NO_ADDRESS: 3,
            LeftOut.ARCHIVED: 1,
            LeftOut.UNSUBSCRIBED: 2,
            LeftOut.MARKETABLE: 1,
        },
    )

    assert outlook(everybody(), Act.OPT_IN) == expected
    assert opt_in(everybody(), reason="Fair", by=staff) == expected

    assert Contact.objects.filter(marketing_status="marketable").count() == 3
    assert Contact.objects.filter(marketing_status="unsubscribed").count() == 2
    assert ConsentEvent.objects.count() == 2
    assert opt_in(everybody(), reason="Fair", by=staff).reached == 0


def test_r8_who_unsubscribed_comes_back_one_by_one(staff):
    gone = ContactFactory(consent="unsubscribed", email="gone@example.com")
    other = ContactFactory()

    assert opt_in_again(gone, reason="Called and asked for it", by=staff)
    assert not opt_in_again(gone, reason="Called and asked for it", by=staff)
    assert not opt_in_again(other, reason="Called", by=staff)

    gone.refresh_from_db()
    assert gone.marketing_status == "marketable"
    assert events("gone@example.com") == [("opted_in", "unsubscribed", "marketable")]
    consents.assert_agreement()


def test_r8_asking_waits_for_a_confirmation_and_asks_nobody_twice_within_a_day(staff):
    fresh = ContactFactory(email="fresh@example.com")
    ContactFactory(consent="unsubscribed")
    ContactFactory(consent="marketable")
    asked, long_ago = ContactFactory(consent="waiting"), ContactFactory(consent="waiting")
    now = timezone.now()
    sent(asked, now - datetime.timedelta(hours=23))
    sent(long_ago, now - datetime.timedelta(hours=25))
    expected = Outlook(2, {LeftOut.UNSUBSCRIBED: 1, LeftOut.MARKETABLE: 1, LeftOut.ASKED: 1})

    assert outlook(everybody(), Act.ASK) == expected
    with heard(mail_waiting) as waiting:
        assert request_confirmation(everybody(), by=staff) == expected
    assert len(waiting) == 1

    assert events("fresh@example.com") == [("requested", "non_marketable", "waiting")]
    assert consent_of(fresh).confirmation_wanted_at is not None
    assert not may_receive("fresh@example.com")
    with heard(mail_waiting) as waiting:
        assert request_confirmation(everybody(), by=staff).reached == 0
    assert waiting == []
    consents.assert_agreement()


def sent(contact, at):
    Consent.objects.filter(address=contact.email).update(confirmation_sent_at=at)


def test_r8_unsubscribing_ends_everything_and_can_be_repeated(staff):
    ada = ContactFactory(email="ada@example.com")
    request_confirmation(everybody(), by=staff)
    opt_in(everybody(), reason="Fair", by=staff)

    assert unsubscribe("ADA@example.com", Trace(by_id=staff.pk, reason="Said so on the phone"))
    assert not unsubscribe("ada@example.com", Trace())

    ada.refresh_from_db()
    assert ada.marketing_status == "unsubscribed"
    assert not may_receive("ada@example.com")
    assert events("ada@example.com")[-1] == ("unsubscribed", "marketable", "unsubscribed")
    assert len(events("ada@example.com")) == 3
    consent = consent_of(ada)
    assert (consent.request, consent.confirmation_wanted_at) == (None, None)


def test_r8_an_address_without_a_contact_unsubscribes_for_whoever_has_it_later(staff):
    unsubscribe("Later@example.com", Trace())

    later = create_contact({"email": "later@Example.com"}, by=staff)
    other = create_contact({"email": "other@example.com"}, by=staff)
    opt_in(everybody(), reason="Fair", by=staff)
    update_contact(other, {"email": ""}, by=staff)
    update_contact(later, {"email": "elsewhere@example.com"}, by=staff)
    update_contact(other, {"email": "later@example.com"}, by=staff)

    assert list(everybody().values_list("email", "marketing_status")) == [
        ("elsewhere@example.com", "unsubscribed"),
        ("later@example.com", "unsubscribed"),
    ]
    assert events("later@example.com") == [
        ("unsubscribed", "non_marketable", "unsubscribed"),
        ("recognised", "unsubscribed", "unsubscribed"),
        ("recognised", "unsubscribed", "unsubscribed"),
    ]
    assert events("elsewhere@example.com") == [("carried", "non_marketable", "unsubscribed")]
    assert events("other@example.com") == [
        ("opted_in", "non_marketable", "marketable"),
        ("left", "marketable", "non_marketable"),
    ]
    consents.assert_agreement()


def test_r8_an_address_left_and_taken_again_has_agreed_to_nothing(staff):
    ada = ContactFactory(email="ada@example.com", consent="marketable")

    update_contact(ada, {"email": "new@example.com"}, by=staff)
    update_contact(ada, {"email": "ada@example.com"}, by=staff)

    ada.refresh_from_db()
    assert ada.marketing_status == "non_marketable"
    assert events("ada@example.com") == [("left", "marketable", "non_marketable")]
    consents.assert_agreement()


def test_r8_an_address_whose_contact_is_gone_has_agreed_to_nothing(staff):
    ContactFactory(email="ada@example.com", consent="marketable").delete()

    again = create_contact({"email": "ada@example.com"}, by=staff)

    assert again.marketing_status == "non_marketable"
    assert not may_receive("ada@example.com")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contacts_consentevent SET reason = 'Better'",
        "UPDATE contacts_consentevent SET ip = NULL",
        "DELETE FROM contacts_consentevent",
    ],
)
def test_r8_the_history_is_append_only_whoever_asks_the_database(staff, statement):
    ContactFactory()
    opt_in(everybody(), reason="Fair", by=staff)

    with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_r8_who_stands_in_the_history_cannot_be_deleted(staff):
    ContactFactory()
    opt_in(everybody(), reason="Fair", by=staff)
    with pytest.raises(ProtectedError):
        staff.delete()


def test_many_are_worked_on_in_few_statements(staff):
    ContactFactory.create_batch(30)
    three = Contact.objects.filter(pk__in=[contact.pk for contact in everybody()[:3]])
    with CaptureQueriesContext(connection) as few:
        opt_in(three, reason="Fair", by=staff)
    with CaptureQueriesContext(connection) as many:
        opt_in(everybody(), reason="Fair", by=staff)
    assert len(many) == len(few) <= 12
