"""Broadcasts as a person writes, sends and watches them (R8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail  # noqa: TID251 - reads what was sent
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import Delivery, Enrolment, Mailing, Sequence
from contacts.services.mailing import broadcasts, delivering, steps
from tests.crm.pages import csv_rows, form, rows, words
from tests.factories import ContactFactory
from tests.mailing.acts import broadcast
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, staff):
    return sign_in(client, staff)


@pytest.fixture
def readers(business):
    for number in range(3):
        ContactFactory(first_name="Anna", email=f"a{number}@x.example", consent="marketable")
    ContactFactory(first_name="Ben", email="ben@x.example", consent="marketable")
    ContactFactory(first_name="Anna", email="no@x.example", consent="unsubscribed")


def written(page, **fields):
    values = form(page.get("/broadcasts/new/"), "subject") | {"subject": "News", "body": "Hi"}
    return page.post("/broadcasts/new/", values | fields, follow=True)


def test_r8_from_writing_to_sent_with_numbers_on_every_page(page, readers, staff):
    shown = written(page, subject="Spring", body="Dear {{ first_name }}", q="anna")
    draft = Mailing.objects.get()
    assert shown.redirect_chain == [(f"/broadcasts/{draft.pk}/", 302)]
    assert "3 of 4 contacts agreed" in words(shown)
    assert "1 unsubscribed" in words(shown)
    assert "Dear Anna" in words(shown)
    asked = words(page.get(f"/broadcasts/{draft.pk}/send/"))
    assert "Send it to 3 contacts?" in asked
    assert "1 unsubscribed" in asked
    assert mail.outbox == []

    page.post(f"/broadcasts/{draft.pk}/send/", {"expected": "3"})
    page.post(f"/broadcasts/{draft.pk}/send/", {"expected": "3"})
    assert OrmQ.objects.count() == 1
    assert "0 of 3" in words(page.get(f"/broadcasts/{draft.pk}/"))
    delivering.deliver(5)

    shown = page.get(f"/broadcasts/{draft.pk}/")
    assert "3 of 3" in words(shown)
    assert "every 2s" not in shown.content.decode()
    assert sorted(message.to[0] for message in mail.outbox) == [
        f"a{number}@x.example" for number in range(3)
    ]
    draft.refresh_from_db()
    assert (draft.status, draft.started_by) == ("done", staff)


def test_what_reaches_others_than_was_said_is_asked_about_again(page, readers):
    """A colleague has widened the audience meanwhile."""
    written(page, q="anna")
    draft = Mailing.objects.get()
    asked = form(page.get(f"/broadcasts/{draft.pk}/send/"), "expected")
    Mailing.objects.update(audience="")

    shown = words(page.post(f"/broadcasts/{draft.pk}/send/", asked, follow=True))

    assert "The numbers have changed meanwhile." in shown
    assert "Send it to 4 contacts?" in shown
    draft.refresh_from_db()
    assert (draft.status, Delivery.objects.count()) == ("draft", 0)


def test_the_form_sent_twice_makes_one_draft(page, readers):
    values = form(page.get("/broadcasts/new/"), "subject") | {"subject": "News", "body": "Hi"}

    for _ in range(2):
        page.post("/broadcasts/new/", values)

    assert Mailing.objects.count() == 1


def test_an_unknown_field_is_said_with_those_there_are_and_nothing_is_saved(page, readers):
    shown = words(written(page, subject="For {{ nickname }}", body="Dear {{ surname }}"))

    assert "There is no field {{ nickname }}. There are first_name, last_name, name," in shown
    assert "There is no field {{ surname }}." in shown
    assert not Mailing.objects.exists()


def test_the_preview_follows_what_is_typed(page, readers):
    answer = page.post(
        "/broadcasts/preview/",
        {"subject": "S {{ business }}", "body": "**Hi** {{ first_name }} <i>", "q": "ben",
         "audience": "chosen"},
    )  # fmt: skip

    assert "S Northwind Joinery" in words(answer)
    assert "<strong>Hi</strong> Ben &lt;i&gt;" in answer.content.decode()
    assert "1 of 1 contact agreed and gets it." in words(answer)
    assert not Mailing.objects.exists()


def test_a_test_goes_to_oneself(page, readers, staff):
    written(page)
    page.post(reverse("broadcast_test", args=[Mailing.objects.get().pk]))

    assert [(message.subject, message.to) for message in mail.outbox] == [
        ("[Test] News", [staff.email])
    ]
    assert not Delivery.objects.exists()


def test_nobody_agreed_is_said_before_and_at_sending(page, business):
    ContactFactory()
    written(page)
    address = f"/broadcasts/{Mailing.objects.get().pk}/send/"

    assert "Nobody in this audience has agreed" in words(page.get(address))
    assert "Nobody in this audience has agreed" in words(page.post(address, follow=True))
    assert Mailing.objects.get().status == "draft"


def test_recipients_are_searched_filtered_and_exported(page, readers, staff):
    sent = broadcast(by=staff)
    delivering.deliver(5)
    Delivery.objects.filter(address="ben@x.example").update(status="failed", reason="Why not.")
    address = f"/broadcasts/{sent.pk}/recipients/"

    assert len(rows(page.get(address))) == 4
    assert rows(page.get(f"{address}?status=failed"))[0][:3] == [
        "ben@x.example", "Failed", "Why not.",
    ]  # fmt: skip
    assert len(rows(page.get(f"{address}?q=a1@"))) == 1
    exported = csv_rows(page.get(f"{address}?format=csv&status=failed"))
    assert [(row["address"], row["status"], row["reason"]) for row in exported] == [
        ("ben@x.example", "failed", "Why not.")
    ]


def test_pause_resume_stop_and_copy_by_their_buttons(page, readers, staff):
    sent = broadcast(by=staff, subject="Once")
    for act, status in (("pause", "paused"), ("resume", "sending"), ("stop", "stopped")):
        page.post(f"/broadcasts/{sent.pk}/{act}/")
        sent.refresh_from_db()
        assert sent.status == status
    assert "The broadcast was stopped by Sam." in words(
        page.get(f"/broadcasts/{sent.pk}/recipients/")
    )

    page.post(f"/broadcasts/{sent.pk}/copy/")
    copied = Mailing.objects.exclude(pk=sent.pk).get()
    assert (copied.subject, copied.status, copied.created_by) == ("Once", "draft", staff)


def test_what_was_sent_is_neither_edited_nor_deleted(page, readers, staff):
    sent = broadcast(by=staff)

    page.post(f"/broadcasts/{sent.pk}/edit/", {"subject": "Other", "body": "Other"})
    page.post(f"/broadcasts/{sent.pk}/delete/")

    sent.refresh_from_db()
    assert sent.subject == "News"


def test_send_again_is_a_button_for_what_is_uncertain(page, readers, staff):
    sent = broadcast(by=staff)
    delivering.deliver(5)
    Delivery.objects.filter(address="ben@x.example").update(status="uncertain")
    address = f"/broadcasts/{sent.pk}/"
    assert "1 uncertain: the sending was interrupted" in words(page.get(address))

    page.post(f"{address}again/", {"status": "uncertain"})
    delivering.deliver(5)

    assert [message.to[0] for message in mail.outbox].count("ben@x.example") == 2
    page.post(f"{address}again/", {"status": "sent"})
    assert Delivery.objects.filter(status="waiting").count() == 0


def test_send_again_is_there_for_a_step_too_and_leads_back_to_the_sequence(page, readers, staff):
    steps.add_step(subject="Welcome", body="Hello", delay=timedelta(0), by=staff)
    step = Mailing.objects.get()
    now = timezone.now()
    delivery = Delivery.objects.create(
        mailing=step,
        address="ben@x.example",
        status="uncertain",
        due_at=now,
        handed_over_at=now,
        settled_at=now,
    )
    assert "1 uncertain: the sending was interrupted" in words(page.get("/broadcasts/sequence/"))
    assert "ben@x.example" in words(page.get(f"/broadcasts/{step.pk}/recipients/"))

    answer = page.post(f"/broadcasts/{step.pk}/again/", {"status": "uncertain"})

    assert answer["Location"] == "/broadcasts/sequence/"
    delivery.refresh_from_db()
    step.refresh_from_db()
    assert (delivery.status, step.status) == ("waiting", "paused")
    steps.remove_step(step.step)
    assert page.post(f"/broadcasts/{step.pk}/again/", {"status": "failed"}).status_code == 404


def test_the_list_finds_and_counts(page, readers, staff):
    broadcast(by=staff, subject="Winter sale")
    broadcasts.write(subject="Spring", body="Hi", audience="", by=staff)
    delivering.deliver(5)

    found = rows(page.get("/broadcasts/?q=winter"))
    assert [row[:4] for row in found] == [["Winter sale", "Sent", "4", "4"]]
    assert len(rows(page.get("/broadcasts/?status=draft"))) == 1


def test_the_sequence_is_written_switched_and_watched(page, readers):
    assert "No steps yet" in words(page.get("/broadcasts/sequence/"))
    values = form(page.get("/broadcasts/sequence/new/"), "subject")
    values |= {"subject": "Welcome", "body": "Hello", "number": "3", "unit": "days"}
    for _ in range(2):
        page.post("/broadcasts/sequence/new/", values)
    [step] = steps.steps()
    shown = words(page.post("/broadcasts/sequence/switch/", {"on": "yes"}, follow=True))
    assert "The sequence is on" in shown
    assert "Step 1, after 3 days" in shown

    page.post(f"/broadcasts/sequence/{step.pk}/remove/")
    shown = words(page.post("/broadcasts/sequence/switch/", {"on": "yes"}, follow=True))
    assert "Write the first step" in shown
    assert Sequence.objects.get().active is True
    assert not Enrolment.objects.exists()
