"""Broadcasts on their way to a real mail server (R8)."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Business, Consent, Delivery, Mailing, MailSender
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.contacts import archive_contact
from contacts.services.mailing import broadcasts, delivering, sender
from tests.factories import ContactFactory
from tests.mailing.acts import broadcast, statuses, with_own_connection

pytestmark = pytest.mark.django_db

TEN = [f"r{number}@x.example" for number in range(10)]


@pytest.fixture
def readers(business):
    """Ten who agreed."""
    return [ContactFactory(email=address, consent="marketable") for address in TEN]


def deliver():
    delivering.deliver(10)


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


def test_an_address_refused_for_good_stops_nobody(postbox, readers, staff):
    sent = broadcast(by=staff)
    postbox.at_recipient = lambda address: "550 No such user" if address == TEN[0] else None
    postbox.at_text = lambda address: "554 Not like this" if address == TEN[1] else None

    deliver()

    assert sorted(postbox.addresses) == TEN[2:]
    failed = sent.deliveries.filter(status="failed").order_by("address")
    assert list(failed.values_list("address", "reason")) == [
        (address, "The mail server does not deliver to this address.") for address in TEN[:2]
    ]
    assert not MailSender.objects.get().trouble


def test_a_server_that_refuses_one_after_the_other_is_left_alone(postbox, readers, staff):
    """Else one wrong setting would fail a whole broadcast."""
    for number in range(30):
        ContactFactory(email=f"s{number}@x.example", consent="marketable")
    sent = broadcast(by=staff)
    postbox.at_recipient = lambda address: "550 Relaying denied"

    deliver()

    assert statuses(sent) == {"failed": 20, "waiting": 20}
    assert MailSender.objects.get().trouble.startswith("The mail server refuses one message after")
    postbox.at_recipient = lambda address: None
    MailSender.objects.update(back_off_until=None)
    assert broadcasts.send_again(sent, Delivery.Status.FAILED) == 20
    deliver()
    assert (len(postbox.count()), statuses(sent)) == (40, {"sent": 40})


def test_what_is_no_address_fails_with_a_sentence(postbox, readers, staff):
    ContactFactory(email="anna at home", consent="marketable")
    sent = broadcast(by=staff)

    deliver()

    [failed] = sent.deliveries.filter(status="failed")
    assert failed.reason == "This is no address that mail can be sent to."
    assert sorted(postbox.addresses) == TEN


def test_an_address_put_off_is_tried_again_later_and_others_go_on(postbox, readers, staff):
    sent = broadcast(by=staff)
    postbox.at_recipient = lambda address: "451 Greylisted" if address == TEN[0] else None

    deliver()

    waiting = sent.deliveries.get(status="waiting")
    sent.refresh_from_db()
    assert (waiting.address, waiting.put_off, sent.status) == (TEN[0], 1, "sending")
    assert timedelta(minutes=1) < waiting.due_at - timezone.now() < timedelta(minutes=3)
    postbox.at_recipient = lambda address: None
    Delivery.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
    deliver()
    sent.refresh_from_db()
    assert postbox.count() == dict.fromkeys(TEN, 1)
    assert sent.status == "done"


def test_an_address_put_off_for_a_day_has_failed(postbox, readers, staff):
    sent = broadcast(by=staff)
    postbox.at_recipient = lambda address: "451 Later" if address == TEN[0] else None
    for _ in range(7):
        deliver()
        sent.deliveries.filter(status="waiting").update(due_at=timezone.now())

    assert statuses(sent) == {"sent": 9, "failed": 1}
    assert sent.deliveries.get(status="failed").reason == (
        "The mail server kept putting it off for more than a day."
    )


def test_a_connection_lost_before_the_text_is_tried_again_at_once(postbox, readers, staff):
    """A server closes what it has seen enough of; that is no reason to wait."""
    sent = broadcast(by=staff)
    hung_up = []

    def hang_up_once(address):
        if address == TEN[4] and not hung_up:
            hung_up.append(address)
            return "hang up"
        return None

    postbox.at_recipient = hang_up_once
    deliver()

    assert postbox.count() == dict.fromkeys(TEN, 1)
    assert postbox.connections == 2
    assert statuses(sent) == {"sent": 10}


def test_an_address_that_the_server_hangs_up_at_holds_up_nobody(postbox, readers, staff):
    sent = broadcast(by=staff)
    postbox.at_recipient = lambda address: "hang up" if address == TEN[4] else None

    deliver()
    assert postbox.addresses == TEN[:4]
    MailSender.objects.update(back_off_until=None)
    deliver()

    assert postbox.addresses == [*TEN[:4], *TEN[5:]]
    assert (statuses(sent)["waiting"], MailSender.objects.get().trouble) == (
        1,
        "The mail server does not answer.",
    )


def test_a_connection_lost_with_the_text_leaves_one_uncertain_and_backs_off(
    postbox, readers, staff
):
    sent = broadcast(by=staff)
    postbox.after_text = lambda address: "hang up" if address == TEN[4] else None

    deliver()

    assert statuses(sent) == {"sent": 4, "uncertain": 1, "waiting": 5}
    assert MailSender.objects.get().trouble == "The mail server does not answer."
    deliver()
    assert len(postbox.addresses) == 5, "the server is left alone"
    MailSender.objects.update(back_off_until=Now())
    postbox.after_text = lambda address: None
    deliver()
    assert postbox.count() == dict.fromkeys(TEN, 1)
    assert statuses(sent) == {"sent": 9, "uncertain": 1}
    assert MailSender.objects.get().trouble == ""


def test_what_is_uncertain_goes_again_only_when_a_person_says_so(postbox, readers, staff):
    sent = broadcast(by=staff)
    postbox.after_text = lambda address: "hang up" if address == TEN[4] else None
    deliver()
    postbox.after_text = lambda address: None
    MailSender.objects.update(back_off_until=None)
    deliver()
    sent.refresh_from_db()
    assert sent.status == "done"

    assert broadcasts.send_again(sent, Delivery.Status.UNCERTAIN) == 1
    assert broadcasts.send_again(sent, Delivery.Status.UNCERTAIN) == 0
    deliver()

    sent.refresh_from_db()
    assert (sent.status, statuses(sent)) == ("done", {"sent": 10})
    assert postbox.count() == dict.fromkeys(TEN, 1) | {TEN[4]: 2}
    first, second = [content for to, content in postbox.arrived if to == TEN[4]]
    assert _message_id(first) == _message_id(second)


def test_a_server_that_is_not_there_is_said_so_and_left_alone_for_longer_each_time(
    settings, readers, staff
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    sent = broadcast(by=staff)
    pauses = []
    for _ in range(3):
        deliver()
        row = MailSender.objects.get()
        pauses.append(round((row.back_off_until - timezone.now()).total_seconds(), -1))
        MailSender.objects.update(back_off_until=Now())

    assert pauses == [30, 60, 120]
    assert row.trouble == "The mail server does not answer."
    assert statuses(sent) == {"waiting": 10}


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


def _message_id(content):
    return next(line for line in content.splitlines() if line.lower().startswith(b"message-id"))
