"""Who gets in without signing in: exactly the addresses that say so."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import URLPattern, get_resolver, reverse

# Signing in and what belongs to it, health, and the addresses that Intuit or a contact calls,
# each of which asks for a signature of its own.
PUBLIC = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "healthz",
    # Intuit leads people here, signed in or not; sending them to sign in would carry the code of
    # the address along.
    "integrations:callback",
    "integrations:disconnected",
    "mfa_authenticate",
}
PUBLIC_PREFIXES = ("favicon.ico", "webhooks/", "confirm/", "consent/")
SAMPLES = {"int": 1, "str": "x", "slug": "x", "path": "x", "uuid": "0" * 32}


def patterns(entries, prefix="", namespace=""):
    for entry in entries:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, f"{namespace}{entry.name}", entry
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry.url_patterns, route, inner)


EVERY = list(patterns(get_resolver().url_patterns))


def test_only_marked_addresses_are_public():
    unmarked = {
        (route, name)
        for route, name, entry in EVERY
        if not getattr(entry.callback, "login_required", True)
        and name not in PUBLIC
        and not route.startswith(PUBLIC_PREFIXES)
    }

    assert unmarked == set()


@pytest.mark.django_db
def test_a_stranger_is_led_to_signing_in(client):
    asked = 0
    for _route, name, entry in EVERY:
        if not getattr(entry.callback, "login_required", True):
            continue
        converters = entry.pattern.converters
        values = {
            key: SAMPLES.get(type(value).__name__.removesuffix("Converter").lower(), "x")
            for key, value in converters.items()
        }
        address = reverse(name, kwargs=values)
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code == 302, (address, response.status_code)
            assert response.headers["Location"].startswith("/accounts/login/?next="), address
        asked += 1

    assert asked > 10


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves(client):
    response = client.post(
        "/accounts/signup/",
        {"email": "stranger@example.com", "password1": "a-Long-one-1", "password2": "a-Long-one-1"},
    )

    assert response.status_code == 200
    assert "account/signup_closed.html" in [template.name for template in response.templates]
    assert not get_user_model().objects.exists()


def test_no_page_lets_anybody_schedule_a_function_or_edit_rows():
    assert not [route for route, _name, _entry in EVERY if "admin" in route or "django_q" in route]


@pytest.mark.django_db
def test_signing_in_works_by_email_whatever_its_case(client):
    get_user_model().objects.create_user("Ada@example.com", "correct horse battery")

    response = client.post(
        "/accounts/login/", {"login": "ada@EXAMPLE.com", "password": "correct horse battery"}
    )

    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.django_db
def test_the_secret_of_an_authenticator_app_is_encrypted_at_rest():
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    user = get_user_model().objects.create_user("ada@example.com", "correct horse battery")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")

    stored = Authenticator.objects.get(user=user)
    assert "JBSWY3DPEHPK3PXP" not in str(stored.data)
    assert stored.wrap().validate_code("000000") in {True, False}
