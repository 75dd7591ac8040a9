"""What a mail server refuses, puts off or breaks off, and what then becomes of a broadcast (R8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from contacts.models import Delivery, MailSender
from contacts.services.mailing import broadcasts
from tests.factories import ContactFactory
from tests.mailing.acts import TEN, broadcast, deliver, statuses

pytestmark = pytest.mark.django_db


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


def _message_id(content):
    return next(line for line in content.splitlines() if line.lower().startswith(b"message-id"))
