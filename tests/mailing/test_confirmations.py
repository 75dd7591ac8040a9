"""Confirmation emails on their way: transactional, paced, at most once a day (R8)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from contacts.models import Consent, ConsentEvent, Contact, MailSender
from contacts.services.consent.acting import opt_in, request_confirmation
from contacts.services.consent.confirming import ask_to_come_back
from contacts.services.consent.links import unsubscribe_url
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.mailing.confirmations import mark_as_left, put_off
from crmsync.tasks import send_mail
from tests.connection.threads import together
from tests.factories import ContactFactory
from tests.mailing.acts import broadcast

pytestmark = pytest.mark.django_db

ANNA, BEN = "anna@x.example", "ben@x.example"


@pytest.fixture
def asked(postbox, business, staff):
    """Two whom somebody wants to ask."""
    for address in (ANNA, BEN):
        ContactFactory(first_name="Anna", email=address)
    return request_confirmation(Contact.objects.all(), by=staff)


def history(address):
    return list(
        ConsentEvent.objects.filter(address=address).order_by("pk").values_list("what", "reason")
    )


def test_r8_each_is_asked_once_and_the_link_leads_to_consent(asked, postbox, staff, client):
    send_mail()
    send_mail()
    again = request_confirmation(Contact.objects.all(), by=staff)
    send_mail()

    assert sorted(postbox.addresses) == [ANNA, BEN]
    assert again.reached == 0
    message = postbox.message(ANNA)
    assert message["List-Unsubscribe"] is None
    assert message["Subject"] == "May Northwind Joinery send you news?"
    link = re.search(r"http://localhost:8000(\S+)", message.get_content())[1]
    assert client.get(link).status_code == 200
    assert Contact.objects.get(email=ANNA).marketing_status == "waiting"
    client.post(link)
    assert Contact.objects.get(email=ANNA).marketing_status == "marketable"
    assert [what for what, _ in history(ANNA)] == ["requested", "sent", "confirmed"]


def test_questions_go_before_broadcasts(postbox, business, staff):
    for number in range(3):
        ContactFactory(email=f"r{number}@x.example", consent="marketable")
    broadcast(by=staff)
    ContactFactory(email=ANNA)
    request_confirmation(Contact.objects.filter(email=ANNA), by=staff)

    send_mail()

    assert postbox.addresses[0] == ANNA
    assert len(postbox.addresses) == 4


def test_who_is_opted_in_meanwhile_is_not_asked(asked, postbox, staff):
    opt_in(Contact.objects.filter(email=ANNA), reason="Called", by=staff)

    send_mail()

    assert postbox.addresses == [BEN]


def test_a_refusal_for_good_stands_in_the_history_and_one_for_now_is_tried_again(asked, postbox):
    answers = {ANNA: "550 No such user", BEN: "451 Later"}
    postbox.at_recipient = answers.get

    send_mail()

    assert history(ANNA)[-1] == ("not_sent", "The mail server does not deliver to this address.")
    assert Contact.objects.get(email=ANNA).marketing_status == "non_marketable"
    waiting = Consent.objects.get(confirmation_wanted_at__isnull=False)
    assert waiting.address == BEN
    assert waiting.confirmation_wanted_at > timezone.now() + timedelta(minutes=20)
    postbox.at_recipient = lambda address: None
    Consent.objects.filter(address=BEN).update(confirmation_wanted_at=timezone.now())
    send_mail()
    assert postbox.addresses == [BEN]


def test_a_server_that_refuses_one_question_after_the_other_is_left_alone(postbox, business, staff):
    """Else one wrong setting would give up on everybody who was to be asked."""
    for number in range(25):
        ContactFactory(email=f"r{number}@x.example")
    request_confirmation(Contact.objects.all(), by=staff)
    postbox.at_recipient = lambda address: "550 Relaying denied"

    send_mail()

    assert Consent.objects.filter(confirmation_wanted_at=None).count() == 20
    assert MailSender.objects.get().trouble.startswith("The mail server refuses one message after")
    postbox.at_recipient = lambda address: None
    MailSender.objects.update(back_off_until=None)
    send_mail()
    assert len(postbox.count()) == 5


def test_a_lost_connection_before_the_text_loses_no_question(asked, postbox):
    postbox.at_recipient = lambda address: "hang up"
    send_mail()
    assert postbox.arrived == []

    postbox.at_recipient = lambda address: None
    MailSender.objects.update(back_off_until=None)
    send_mail()

    assert sorted(postbox.addresses) == [ANNA, BEN]


def test_r8_whoever_asks_for_it_no_address_gets_two_within_a_day(asked, postbox):
    send_mail()
    anna = Consent.objects.get(address=ANNA)
    token = unsubscribe_url(anna.pk).rpartition("/")[2]
    unsubscribe(ANNA, Trace())
    ask_to_come_back(token, ip=None)

    send_mail()
    assert sorted(postbox.addresses) == [ANNA, BEN]

    day = timedelta(days=1, seconds=1)
    Consent.objects.filter(address=ANNA).update(confirmation_sent_at=timezone.now() - day)
    send_mail()
    assert sorted(postbox.addresses) == [ANNA, ANNA, BEN]
    assert b"by mistake" in postbox.arrived[-1][1]


@pytest.mark.django_db(transaction=True)
def test_r8_several_workers_at_once_ask_an_address_once(asked):
    waiting = Consent.objects.get(address=ANNA)

    def ask():
        with transaction.atomic():
            return mark_as_left(waiting)

    assert sorted(together(4, ask)) == [False, False, False, True]
    assert [what for what, _ in history(ANNA)] == ["requested", "sent"]


def test_a_question_put_off_is_not_asked_of_who_unsubscribed_meanwhile(asked, postbox):
    waiting = Consent.objects.get(address=ANNA)
    unsubscribe(ANNA, Trace())

    put_off(waiting)
    send_mail()

    assert postbox.addresses == [BEN]
