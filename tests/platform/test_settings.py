"""What the settings make of an environment: the module is executed anew for each."""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path

import pytest

import crmsync.settings

PRODUCTION = {
    "DEBUG": "",
    "SITE_URL": "https://crm.example.com/",
    "ALLOWED_HOSTS": "crm.example.com",
    "DATABASE_URL": "postgres://crm:s%40fe@db.example.com:5433/crm",
    "EMAIL_URL": "smtp+tls://mailer:secret@mail.example.com:587",
    "INTUIT_ENVIRONMENT": "production",
    "INTUIT_CLIENT_ID": "id",
    "INTUIT_CLIENT_SECRET": "secret",
    "INTUIT_WEBHOOK_VERIFIER_TOKEN": "token",
    "TOKEN_ENCRYPTION_KEYS": "first=, second=",
}


def read(names, **environment):
    """What the module says in this environment; the settings of this process stay as they are."""
    clean = {k: v for k, v in os.environ.items() if k not in {"DEBUG", "INTUIT_ENVIRONMENT"}}
    with pytest.MonkeyPatch.context() as patched:
        for name in os.environ:
            patched.delenv(name)
        for name, value in (clean | environment).items():
            patched.setenv(name, value)
        said = runpy.run_path(crmsync.settings.__file__)
    # Lists and tuples, paths and texts are all one.
    return json.loads(json.dumps({name: said.get(name) for name in names}, default=str))


def test_production_is_safe_without_being_asked():
    expected = {
        "DEBUG": False,
        "SITE_URL": "https://crm.example.com",
        "ALLOWED_HOSTS": ["crm.example.com"],
        "CSRF_TRUSTED_ORIGINS": ["https://crm.example.com"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "EMBEDDED_DATABASE": False,
        "TOKEN_ENCRYPTION_KEYS": ["first=", "second="],
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_USE_TLS": True,
        "QUICKBOOKS_API_URL": "https://quickbooks.api.intuit.com/v3",
        "QUICKBOOKS_APP_URL": "https://app.qbo.intuit.com/app",
        "INTUIT_DISCOVERY_URL": "https://developer.intuit.com/.well-known/openid_configuration",
        "QUICKBOOKS_SERVER_NOTICE": "",
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    }

    assert read(expected, **PRODUCTION) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DEBUG": "1", "SITE_URL": "http://localhost:8000"}, 0),
        ({"DEBUG": "0", "TRUSTED_PROXIES": "0"}, 0),
        ({"DEBUG": "0", "TRUSTED_PROXIES": "2"}, 2),
    ],
)
def test_what_a_visitor_says_of_an_address_is_believed_only_behind_proxies(environment, expected):
    found = read(["ALLAUTH_TRUSTED_PROXY_COUNT"], **PRODUCTION | environment)

    assert found == {"ALLAUTH_TRUSTED_PROXY_COUNT": expected}


def test_the_database_address_is_read_as_libpq_reads_it():
    database = read(["DATABASES"], **PRODUCTION)["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"]) == ("db.example.com", 5433)
    assert (database["USER"], database["PASSWORD"]) == ("crm", "s@fe")


def test_a_transaction_pool_in_front_of_the_database_gets_no_open_cursors():
    pooled = PRODUCTION | {"DATABASE_POOLED_BY_TRANSACTION": "1"}

    for environment, expected in ((PRODUCTION, False), (pooled, True)):
        database = read(["DATABASES"], **environment)["DATABASES"]["default"]
        assert database["DISABLE_SERVER_SIDE_CURSORS"] is expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DEBUG": "1"}, "emulator"),
        ({"DEBUG": "1", "INTUIT_CLIENT_ID": "id", "INTUIT_CLIENT_SECRET": "secret"}, "sandbox"),
        ({"DEBUG": "0"}, "production"),
    ],
)
def test_the_kind_of_quickbooks_follows_from_what_is_set(environment, expected):
    assert read(["INTUIT_ENVIRONMENT"], **environment)["INTUIT_ENVIRONMENT"] == expected


def test_any_other_server_can_be_pointed_at():
    addresses = {
        "INTUIT_DISCOVERY_URL": "https://intuit.example.com/discovery",
        "QUICKBOOKS_API_URL": "https://qbo.example.com/v3",
    }

    assert read(addresses, **PRODUCTION | addresses) == addresses


def test_development_secrets_are_drawn_once_and_kept_to_their_owner(tmp_path: Path):
    names = ["SECRET_KEY", "TOKEN_ENCRYPTION_KEYS"]
    without = {"DEBUG": "1", "VAR_DIR": str(tmp_path), "SECRET_KEY": ""}
    without["TOKEN_ENCRYPTION_KEYS"] = ""

    first = read(names, **without)

    assert read(names, **without) == first
    kept = sorted((tmp_path / "secrets").iterdir())
    assert [path.name for path in kept] == ["secret_key", "token_encryption_keys"]
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600, 0o600]
