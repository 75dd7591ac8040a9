"""Admins invite, change and deactivate; one admin is always left; staff never get there."""

from __future__ import annotations

import re

import pytest
from django.core import mail  # noqa: TID251 - reads what was sent

from contacts.models import User
from contacts.services import people
from tests.factories import PASSWORD, BusinessFactory, UserFactory
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db

ADMIN_PAGES = [
    "/settings/business/",
    "/settings/people/",
    "/settings/people/invite/",
    "/settings/people/{pk}/",
]


@pytest.mark.parametrize("address", ADMIN_PAGES)
def test_staff_are_refused(as_staff, admin, address):
    response = as_staff.get(address.format(pk=admin.pk))
    assert response.status_code == 403
    assert "Only admins may open this page." in response.content.decode()


@pytest.mark.parametrize("address", [*ADMIN_PAGES, "/settings/people/{pk}/invite/"])
def test_staff_change_nothing(as_staff, admin, address):
    before = list(User.objects.order_by("pk").values())
    response = as_staff.post(
        address.format(pk=admin.pk), {"role": "staff", "email": "x@business.example"}
    )
    assert response.status_code in {403, 405}
    assert list(User.objects.order_by("pk").values()) == before
    assert mail.outbox == []


@pytest.mark.parametrize("address", ["/", "/settings/profile/", "/search?q=a", *ADMIN_PAGES])
def test_strangers_are_asked_to_sign_in(client, admin, address):
    response = client.get(address.format(pk=admin.pk))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_an_invited_person_sets_a_password_and_signs_in(as_admin, client, settings):
    as_admin.post(
        "/settings/people/invite/",
        {"email": "Nia@Business.Example", "first_name": "Nia", "last_name": "", "role": "staff"},
    )
    person = User.objects.get(email__iexact="nia@business.example")
    assert not person.has_usable_password()
    assert person.role == User.Role.STAFF
    message = mail.outbox[0]
    assert message.to == [person.email]
    link = re.search(r"https?://\S+", message.body)[0]
    assert link.startswith(settings.SITE_URL)

    client.logout()
    page = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    form_address = page.request["PATH_INFO"]
    client.post(form_address, {"password1": PASSWORD, "password2": PASSWORD})
    assert client.login(email=person.email, password=PASSWORD)
    again = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    assert "no longer works" in again.content.decode()


def test_somebody_already_here_is_not_invited_twice(as_admin, staff):
    response = as_admin.post(
        "/settings/people/invite/", {"email": staff.email.upper(), "role": "admin"}
    )
    assert "already here" in response.content.decode()
    assert mail.outbox == []


def test_of_two_admins_who_invite_one_person_at_once_one_is_told(admin, staff):
    with pytest.raises(people.AlreadyHereError):
        people.invite(staff.email.upper(), "staff", admin)
    assert mail.outbox == []


def test_an_invitation_that_cannot_be_sent_is_told_and_can_be_repeated(as_admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    response = as_admin.post(
        "/settings/people/invite/",
        {"email": "nia@business.example", "role": "staff"},
        follow=True,
    )
    assert "could not be sent" in response.content.decode()
    assert "Invite again" in response.content.decode()


@pytest.mark.parametrize(
    "change", [{"role": "staff", "active": True}, {"role": "admin", "active": False}]
)
def test_the_last_admin_stays(admin, change):
    UserFactory(role=User.Role.ADMIN, is_active=False)
    with pytest.raises(people.LastAdminError):
        people.change(admin, **change)
    admin.refresh_from_db()
    assert admin.is_admin
    assert admin.is_active


def test_the_page_says_why_the_last_admin_stays(as_admin, admin):
    response = as_admin.post(f"/settings/people/{admin.pk}/", {"role": "staff", "active": "on"})
    assert "This is the last admin" in response.content.decode()


def test_one_of_two_admins_can_become_staff(as_admin, admin):
    other = User.objects.create_superuser("root@business.example", PASSWORD)
    as_admin.post(f"/settings/people/{other.pk}/", {"role": "staff", "active": "on"})
    other.refresh_from_db()
    assert not other.is_admin
    assert not other.is_superuser
    assert not other.is_staff


def test_a_deactivated_person_is_signed_out(as_admin, staff, client):
    theirs = signed_in(staff)
    assert theirs.get("/settings/profile/").status_code == 200
    as_admin.post(f"/settings/people/{staff.pk}/", {"role": "staff"})
    assert theirs.get("/settings/profile/").status_code == 302


def test_a_session_of_before_does_not_come_back_with_the_person(as_admin, admin, staff):
    theirs = signed_in(staff)
    as_admin.post(f"/settings/people/{staff.pk}/", {"role": "staff"})
    as_admin.post(f"/settings/people/{staff.pk}/", {"role": "staff", "active": "on"})
    staff.refresh_from_db()
    assert staff.is_active
    assert theirs.get("/settings/profile/").status_code == 302
    assert as_admin.get("/settings/profile/").status_code == 200


def test_a_name_of_several_lines_cannot_break_a_mails_header(as_admin):
    BusinessFactory(name="Northwind\nBcc: eve@example.com")
    as_admin.post("/settings/people/invite/", {"email": "nia@business.example", "role": "staff"})
    [message] = mail.outbox
    assert "\n" not in message.from_email
    assert message.recipients() == ["nia@business.example"]
    assert message.message()["Bcc"] is None


def test_nobody_signs_up_by_themselves(client):
    response = client.post(
        "/accounts/signup/",
        {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert "By invitation only" in response.content.decode()
    assert not User.objects.filter(email="eve@example.com").exists()
    assert "signup" not in client.get("/accounts/login/").content.decode()
