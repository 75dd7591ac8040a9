"""The automated sequence: through the same gate, once per address (R8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Delivery, Enrolment, SequenceStep
from contacts.services.consent.acting import opt_in, opt_in_again
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.mailing import steps
from contacts.services.mailing.sequence import advance, enrol
from crmsync.tasks import send_mail
from tests.factories import ContactFactory
from tests.mailing.acts import with_own_connection

pytestmark = pytest.mark.django_db

ANNA, BEN = "anna@x.example", "ben@x.example"
DAY = timedelta(days=1)


@pytest.fixture
def sequence(business, staff):
    """On, with a welcome at once and another word three days later."""
    steps.add_step(subject="Welcome", body="Hello {{ first_name }}", delay=0 * DAY, by=staff)
    steps.add_step(subject="More", body="Again", delay=3 * DAY, by=staff)
    steps.switch(True, by=staff)


@pytest.fixture
def agree(staff):
    def agree(*emails):
        for email in emails:
            ContactFactory(email=email)
        opt_in(Contact.objects.filter(email__in=emails), reason="Asked at the fair", by=staff)

    return agree


def days_pass(days):
    """What has been and what waits moves into the past."""
    span = days * DAY
    for delivery in Delivery.objects.all():
        delivery.due_at -= span
        delivery.settled_at = delivery.settled_at and delivery.settled_at - span
        delivery.save()
    for enrolment in Enrolment.objects.all():
        enrolment.since -= span
        enrolment.save()


def subjects(postbox, address):
    return [
        line.removeprefix(b"Subject: ").decode()
        for to, content in postbox.arrived
        if to == address
        for line in content.splitlines()
        if line.startswith(b"Subject: ")
    ]


def test_r8_it_starts_with_consent_and_each_step_waits_for_its_time(postbox, sequence, agree):
    agree(ANNA)
    send_mail()
    assert subjects(postbox, ANNA) == ["Welcome"]

    send_mail()
    waiting = Delivery.objects.get(status="waiting")
    assert abs(waiting.due_at - (timezone.now() + 3 * DAY)) < timedelta(minutes=1)
    days_pass(2)
    send_mail()
    assert subjects(postbox, ANNA) == ["Welcome"]
    days_pass(1)
    send_mail()
    send_mail()

    assert subjects(postbox, ANNA) == ["Welcome", "More"]
    assert Enrolment.objects.get().outcome == "completed"


def test_r8_who_unsubscribes_on_the_way_gets_no_more(postbox, sequence, agree):
    agree(ANNA, BEN)
    send_mail()
    send_mail()
    unsubscribe(ANNA, Trace())
    days_pass(3)
    send_mail()
    send_mail()

    assert subjects(postbox, ANNA) == ["Welcome"]
    assert subjects(postbox, BEN) == ["Welcome", "More"]
    outcomes = dict(Enrolment.objects.values_list("address", "outcome"))
    assert outcomes == {ANNA: "left", BEN: "completed"}


def test_r8_an_address_goes_through_it_once(postbox, sequence, agree, staff):
    agree(ANNA)
    send_mail()
    unsubscribe(ANNA, Trace())
    opt_in_again(Contact.objects.get(), reason="Called", by=staff)
    for _ in range(3):
        send_mail()

    assert subjects(postbox, ANNA) == ["Welcome"]
    assert Enrolment.objects.count() == 1


def test_while_it_is_off_nobody_enters_and_nothing_leaves(postbox, sequence, agree, staff):
    agree(ANNA)
    steps.switch(False, by=staff)
    agree(BEN)
    send_mail()
    assert postbox.arrived == []

    steps.switch(True, by=staff)
    send_mail()

    assert postbox.addresses == [ANNA]


def test_an_edited_step_counts_for_who_has_not_got_it(postbox, sequence, agree):
    agree(ANNA)
    send_mail()
    send_mail()
    step = SequenceStep.objects.get(position=2)
    steps.change_step(step, subject="Better", body="Again", delay=DAY)
    waiting = Delivery.objects.get(status="waiting")
    assert abs(waiting.due_at - (timezone.now() + DAY)) < timedelta(minutes=1)
    days_pass(1)
    send_mail()

    assert subjects(postbox, ANNA) == ["Welcome", "Better"]


@pytest.mark.django_db(transaction=True)
def test_an_edited_step_counts_within_the_turn_that_is_under_way(postbox, sequence, agree):
    agree(ANNA)
    [first, *_] = steps.steps()
    ContactFactory(email=BEN, consent="marketable")

    def corrected_while_the_first_one_goes(address):
        if address == ANNA:
            with_own_connection(edit_and_enter)

    def edit_and_enter():
        steps.change_step(first, subject="Hello", body="Better", delay=timedelta(0))
        Delivery.objects.create(mailing=first.mailing, address=BEN, due_at=timezone.now())

    postbox.at_recipient = corrected_while_the_first_one_goes
    send_mail()

    assert (subjects(postbox, ANNA), subjects(postbox, BEN)) == (["Welcome"], ["Hello"])


def test_who_waits_for_a_removed_step_goes_on_with_the_next(postbox, sequence, agree, staff):
    steps.add_step(subject="Last", body="Bye", delay=0 * DAY, by=staff)
    agree(ANNA)
    send_mail()
    send_mail()
    steps.remove_step(SequenceStep.objects.get(position=2))
    send_mail()
    send_mail()

    assert subjects(postbox, ANNA) == ["Welcome", "Last"]
    assert Enrolment.objects.get().outcome == "completed"


def test_many_enter_at_once_in_a_few_statements(
    postbox, sequence, agree, django_assert_max_num_queries
):

    contacts = ContactFactory.create_batch(40)
    with django_assert_max_num_queries(14):
        enrol(risen=[(contact.pk, contact.email) for contact in contacts])
        advance()

    assert Delivery.objects.filter(status="waiting").count() == 40
