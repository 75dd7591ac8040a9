"""A database whose encryption keys are gone: everything can be read but the secrets."""

from __future__ import annotations

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import timezone

from integrations import pulling, tasks
from integrations.models import Connection
from integrations.tokens import LOST_KEYS
from tests.connection.conftest import BASE

PAGES = [
    "/",
    "/activity/",
    "/attention/",
    "/skipped/outgoing/",
    "/settings/integrations/",
    f"{BASE}/disconnect/",
    f"{BASE}/reset/",
    f"{BASE}/reconnect/",
]


@pytest.fixture
def lost(stored_connection, settings):
    connection = stored_connection(cursor=timezone.now())
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    return Connection.objects.get(pk=connection.pk)


def stored(connection, column):
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM integrations_connection")  # noqa: S608
        return cursor.fetchone()[0]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_still_opens(lost, admin_client, page):
    assert admin_client.get(page).status_code in {200, 302}


def test_saving_the_connection_keeps_what_cannot_be_read(lost):
    before = {name: stored(lost, name) for name in ("realm", "access_token", "refresh_token")}

    lost.save()

    assert {name: stored(lost, name) for name in before} == before


def test_r21_the_worker_asks_for_reconnecting_and_says_why(lost):
    pulling.wake(lost.pk)
    tasks.pull(lost.pk)

    lost.refresh_from_db()
    assert lost.status == Connection.Status.RECONNECT_NEEDED
    assert lost.reconnect_reason == LOST_KEYS


def test_the_connection_can_be_disconnected(lost, admin_client):
    admin_client.post(f"{BASE}/disconnect/")

    lost.refresh_from_db()
    assert lost.status == Connection.Status.DISCONNECTED
    assert (lost.access_token, lost.refresh_token) == ("", "")


def test_it_is_not_renewed_but_made_anew(lost, browser, emulator):
    realm = emulator.company("Bright Ideas Ltd")

    assert "Disconnect that one first: its keys are lost" in browser.connect(realm)

    browser.client.post(f"{BASE}/disconnect/")
    assert "Connected to Bright Ideas Ltd." in browser.connect(realm)
    assert Connection.objects.live().for_realm(realm).get().pk != lost.pk


def test_reencrypting_touches_nothing_that_it_cannot_read(lost):
    before = stored(lost, "realm"), stored(lost, "realm_hash")

    with pytest.raises(CommandError, match="None of TOKEN_ENCRYPTION_KEYS opens"):
        call_command("quickbooks_status", "--reencrypt", stdout=io.StringIO())

    assert (stored(lost, "realm"), stored(lost, "realm_hash")) == before
