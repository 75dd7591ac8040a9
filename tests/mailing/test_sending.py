"""Broadcasts on their way to a real mail server (R8)."""

from __future__ import annotations

import time

import pytest
from django.db.models.functions import Now
from django_q.models import OrmQ

from contacts.models import Business, Consent, Mailing, MailSender
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.contacts import archive_contact
from contacts.services.mailing import broadcasts, delivering, sender
from tests.factories import ContactFactory
from tests.mailing.acts import TEN, broadcast, deliver, statuses, with_own_connection

pytestmark = pytest.mark.django_db


def test_r8_a_broadcast_reaches_each_marketable_contact_once_over_one_connection(
    postbox, readers, staff
):
    for status in ("non_marketable", "waiting", "unsubscribed"):
        ContactFactory(email=f"{status}@x.example", consent=status)
    ContactFactory(email="never-asked@x.example")
    ContactFactory(without_email=True)
    sent = broadcast(by=staff)

    deliver()
    deliver()

    sent.refresh_from_db()
    assert postbox.count() == dict.fromkeys(TEN, 1)
    assert postbox.connections == 1
    assert (sent.status, sent.started_by) == (Mailing.Status.DONE, staff)
    assert statuses(sent) == {"sent": 10}
    assert sent.passed_over == {
        "non_marketable": 2,
        "waiting": 1,
        "unsubscribed": 1,
        "no_address": 1,
    }


def test_r8_pressed_twice_it_is_sent_once(postbox, readers, staff):
    draft = broadcasts.write(subject="News", body="Hello", audience="", by=staff)

    assert broadcasts.send(draft, by=staff) is True
    assert broadcasts.send(draft, by=staff) is False
    deliver()

    assert postbox.count() == dict.fromkeys(TEN, 1)


def test_r8_whoever_unsubscribes_or_is_archived_after_the_snapshot_is_left_out(
    postbox, readers, staff
):
    sent = broadcast(by=staff)
    unsubscribe(TEN[3], Trace())
    Consent.objects.filter(address=TEN[4]).update(status="waiting")
    Consent.objects.filter(address=TEN[5]).delete()
    archive_contact(readers[6])

    deliver()

    assert sorted(postbox.addresses) == [*TEN[:3], *TEN[7:]]
    left_out = sent.deliveries.filter(status="left_out").order_by("address")
    assert list(left_out.values_list("address", "reason")) == [
        (TEN[3], "Unsubscribed."),
        (TEN[4], "Has not confirmed yet."),
        (TEN[5], "Has not agreed to get mail."),
        (TEN[6], "Archived."),
    ]


@pytest.mark.django_db(transaction=True)
def test_r8_the_gate_is_asked_again_for_each_message_of_a_turn(postbox, readers, staff):
    sent = broadcast(by=staff)

    def the_last_one_unsubscribes(address):
        if address == TEN[0]:
            with_own_connection(lambda: unsubscribe(TEN[9], Trace()))

    postbox.at_recipient = the_last_one_unsubscribes
    deliver()

    assert postbox.addresses == TEN[:9]
    assert sent.deliveries.get(address=TEN[9]).status == "left_out"


def test_a_second_worker_sends_nothing_while_one_sends(postbox, readers, staff):
    broadcast(by=staff)
    held = sender.take()

    deliver()

    assert postbox.arrived == []
    held.release()
    deliver()
    assert len(postbox.arrived) == 10


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_was_replaced_hands_nothing_over(postbox, readers, staff):
    """Its time ran out while the mail server let it wait: the text does not go."""
    sent = broadcast(by=staff)

    def another_takes_over(address):
        if address == TEN[2]:
            with_own_connection(lambda: MailSender.objects.update(owner="another"))

    postbox.at_recipient = another_takes_over
    deliver()

    assert postbox.addresses == TEN[:2]
    # The answer to the second was to be stored with the marker of the third.
    assert statuses(sent) == {"sent": 1, "handed_over": 1, "waiting": 8}
    postbox.at_recipient = lambda address: None
    MailSender.objects.update(until=Now())
    deliver()
    assert statuses(sent) == {"sent": 9, "uncertain": 1}
    assert postbox.count() == dict.fromkeys(TEN, 1)


def test_the_pace_is_kept_across_turns(postbox, readers, staff):
    Business.objects.update(mails_per_minute=120)
    broadcast(by=staff)
    started = time.monotonic()

    for _ in range(2):
        delivering.deliver(1)

    # The first at once, then one each half second, whoever sends it.
    assert 1 <= len(postbox.arrived) <= 1 + (time.monotonic() - started) * 2
    successors = OrmQ.objects.count() - 1
    assert successors == 2, "what is left waits for nobody's tick"


@pytest.mark.django_db(transaction=True)
def test_paused_nothing_more_leaves_and_resumed_all_the_rest_does(postbox, readers, staff):
    sent = broadcast(by=staff)

    def paused_while_it_goes(address):
        if address == TEN[4]:
            with_own_connection(lambda: broadcasts.pause(sent))

    postbox.at_recipient = paused_while_it_goes
    deliver()
    deliver()
    assert postbox.addresses == TEN[:4]
    assert statuses(sent) == {"sent": 4, "waiting": 6}

    postbox.at_recipient = lambda address: None
    broadcasts.resume(sent)
    deliver()

    sent.refresh_from_db()
    assert (sent.status, postbox.count()) == ("done", dict.fromkeys(TEN, 1))


def test_stopped_whoever_has_not_got_it_does_not_get_it(postbox, readers, staff):
    sent = broadcast(by=staff)
    broadcasts.pause(sent)
    broadcasts.stop(sent, by=staff)
    broadcasts.resume(sent)
    deliver()

    sent.refresh_from_db()
    assert (sent.status, postbox.arrived) == ("stopped", [])
    assert statuses(sent) == {"left_out": 10}


@pytest.mark.django_db(transaction=True)
def test_what_is_put_off_while_its_broadcast_is_stopped_does_not_wait_for_ever(
    postbox, readers, staff
):
    sent = broadcast(by=staff)

    def stopped_while_it_goes(address):
        with_own_connection(lambda: broadcasts.stop(sent, by=staff))
        return "451 Later"

    postbox.at_text = stopped_while_it_goes
    deliver()

    assert (postbox.arrived, statuses(sent)) == ([], {"left_out": 10})
