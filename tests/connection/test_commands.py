"""What an operator sees and does from a terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection as database

from integrations.models import Connection


def run(name, *arguments):
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def raw():
    with database.cursor() as cursor:
        cursor.execute("SELECT realm, realm_hash, refresh_token FROM integrations_connection")
        return cursor.fetchone()


def test_status_without_a_connection(transactional_db):
    assert "No company was ever connected." in run("quickbooks_status")


def test_status_tells_how_it_is_and_no_secret(stored_connection):
    connection = stored_connection("9130001")
    told = run("quickbooks_status")
    assert "Bright Ideas Ltd" in told
    assert "Connected" in told
    for secret in ("9130001", connection.access_token, connection.refresh_token):
        assert secret not in told


def test_status_says_that_this_is_a_copy(stored_connection):
    stored_connection(site_url="https://crm.example.com")
    assert "this is a copy" in run("quickbooks_status")


def test_reencrypt_moves_every_secret_to_the_first_key(stored_connection, settings, admin):
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    stored_connection("9130001")
    secret = get_adapter().encrypt("totp secret")
    Authenticator.objects.create(user=admin, type="totp", data={"secret": secret})
    old, new = settings.TOKEN_ENCRYPTION_KEYS, Fernet.generate_key().decode()
    before = raw()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *old]
    # Found under the old key's hash already before.
    assert Connection.objects.for_realm("9130001").exists()

    assert "2 rows" in run("quickbooks_status", "--reencrypt")

    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert not set(raw()) & set(before)
    connection = Connection.objects.for_realm("9130001").get()
    assert (connection.realm, connection.refresh_token) == ("9130001", "a-stored-refresh-token")
    kept = Authenticator.objects.get().data["secret"]
    assert get_adapter().decrypt(kept) == "totp secret"


def test_without_the_right_key_a_sentence_says_what_to_do(stored_connection, settings):
    stored_connection()
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="None of TOKEN_ENCRYPTION_KEYS"):
        run("quickbooks_status")


def test_sync_without_a_usable_connection_says_so(stored_connection):
    stored_connection(status="reconnect_needed")
    with pytest.raises(CommandError, match="connected again"):
        run("quickbooks_sync")


def test_sync_pulls_in_the_foreground(browser, emulator):
    from integrations import tasks
    from integrations.models import Run

    realm = emulator.company("Cedar Lane Gardens")
    browser.connect(realm)
    tasks.continue_import(Run.objects.get().pk)
    emulator.add(
        realm,
        "Customer",
        {"DisplayName": "Ada Park", "PrimaryEmailAddr": {"Address": "ada@example.com"}},
    )
    assert "In step with Cedar Lane Gardens: 1 new" in run("quickbooks_sync")
