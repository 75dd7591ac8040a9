"""Staff never reach connection controls; nothing changes by a GET or from another site."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from integrations.models import Connection, Run
from tests.connection.conftest import BASE
from tests.signing_in import sign_in

FOR_EVERYBODY = {"launch", "disconnected", "callback", "progress"}


def names_below_the_connection():
    """Every address below /settings/integrations/quickbooks/, so that a new one is noticed."""

    def walk(patterns, prefix):
        for each in patterns:
            route = prefix + str(each.pattern)
            if isinstance(each, URLPattern):
                yield route
            else:
                yield from walk(each.url_patterns, route)

    routes = walk(get_resolver().url_patterns, "")
    below = [route for route in routes if route.startswith(BASE.lstrip("/"))]
    return sorted(route.removeprefix(BASE.lstrip("/")).strip("/") for route in below)


def test_the_connection_has_the_addresses_that_others_rely_on():
    assert set(names_below_the_connection()) >= {
        "connect",
        "callback",
        "reset",
        "disconnect",
        "sync",
        "launch",
        "disconnected",
        "reconnect",
        "adopt",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_are_refused_everywhere(staff_client, stored_connection, method):
    stored_connection()
    before = Connection.objects.values().get()
    for name in set(names_below_the_connection()) - FOR_EVERYBODY:
        response = getattr(staff_client, method)(f"{BASE}/{name}/")
        refused = {403} if method == "post" else {403, 405}
        assert response.status_code in refused, name
    assert Connection.objects.values().get() == before
    assert not Run.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_sent_to_sign_in(stored_connection, method):
    stored_connection()
    for name in set(names_below_the_connection()) - {"disconnected", "callback"}:
        response = getattr(Client(), method)(f"{BASE}/{name}/")
        assert response.status_code == 302, name
        assert response.headers["Location"].startswith("/accounts/login/"), name


def test_a_get_changes_nothing(admin_client, stored_connection):
    stored_connection()
    before = Connection.objects.values().get()
    for name in set(names_below_the_connection()):
        admin_client.get(f"{BASE}/{name}/")
    assert Connection.objects.values().get() == before
    assert not Run.objects.exists()


def test_a_post_from_another_site_is_refused(admin, stored_connection):
    stored_connection()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, admin)
    for name in ("connect", "disconnect", "reset", "reconnect", "adopt", "sync"):
        assert client.post(f"{BASE}/{name}/").status_code == 403, name
    assert Connection.objects.get().status == "connected"
