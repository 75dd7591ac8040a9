"""Changing one's own address: the old one counts until the link sent to the new one is used."""

from __future__ import annotations

import re

import pytest
from django.core import mail  # noqa: TID251 - reads what was sent

from contacts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, staff):
    client.post("/accounts/login/", {"login": staff.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def email_of(person):
    return User.objects.values_list("email", flat=True).get(pk=person.pk)


def test_the_old_address_counts_until_the_new_one_is_confirmed(signed_in, staff, settings):
    assert "on its way" not in signed_in.get("/accounts/email/").content.decode()
    signed_in.post("/accounts/email/", {"email": "new@business.example", "action_add": ""})
    assert email_of(staff) == staff.email
    assert (
        "on its way to <strong>new@business.example"
        in signed_in.get("/accounts/email/").content.decode()
    )

    [message] = [m for m in mail.outbox if m.to == ["new@business.example"]]
    link = re.search(r"https?://[^/]+(/\S+)", message.body)[1]
    signed_in.get(link)
    assert email_of(staff) == staff.email  # opening a link alone changes nothing
    signed_in.post(link)
    assert email_of(staff) == "new@business.example"


def test_an_address_is_changed_by_who_knows_the_password(as_staff, staff):
    answer = as_staff.post("/accounts/email/", {"email": "eve@example.com", "action_add": ""})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []
    page = as_staff.get(answer["Location"]).content.decode()
    assert "your password once more" in page


def test_another_change_replaces_the_first(signed_in, staff):
    for address in ("one@business.example", "two@business.example"):
        signed_in.post("/accounts/email/", {"email": address, "action_add": ""})
    assert email_of(staff) == staff.email
    signed_in.get("/accounts/email/")  # takes the messages along
    page = signed_in.get("/accounts/email/").content.decode()
    assert "two@business.example" in page
    assert "one@business.example" not in page


def test_the_address_in_use_cannot_be_removed(signed_in, staff):
    signed_in.post("/accounts/email/", {"email": staff.email, "action_remove": ""})
    assert email_of(staff) == staff.email


def test_the_address_of_somebody_else_is_refused(signed_in, staff, admin):
    answer = signed_in.post(
        "/accounts/email/", {"email": admin.email.upper(), "action_add": ""}
    ).content.decode()
    assert "Somebody else here signs in with this address." in answer
    assert mail.outbox == []
    assert email_of(staff) == staff.email
