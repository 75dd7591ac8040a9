"""What `manage.py check` finds wrong with an installation before a person does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

OLDEST_POSTGRESQL = 14


@register(Tags.security)
def check_intuit(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The keys that Intuit gave us, and what they may be used with."""
    return list(_intuit())


def _intuit() -> Iterator[CheckMessage]:
    environment = settings.INTUIT_ENVIRONMENT
    if environment not in {"production", "sandbox", "emulator"}:
        yield Error(
            f"INTUIT_ENVIRONMENT is {environment!r}.",
            hint="It is production, sandbox or emulator.",
            id="crmsync.E001",
        )
    keys = {name: getattr(settings, name) for name in ("INTUIT_CLIENT_ID", "INTUIT_CLIENT_SECRET")}
    missing = [name for name, value in keys.items() if not value]
    if len(missing) == 1:
        yield Error(
            f"{missing[0]} is not set, though its other half is.",
            hint="Both are on the Keys page of the app at developer.intuit.com.",
            id="crmsync.E002",
        )
    elif missing:
        yield Warning(
            "QuickBooks cannot be connected: INTUIT_CLIENT_ID and INTUIT_CLIENT_SECRET are not "
            "set.",
            hint="Copy both from the Keys page of the app at developer.intuit.com.",
            id="crmsync.W003",
        )
    elif not settings.INTUIT_WEBHOOK_VERIFIER_TOKEN:
        yield Warning(
            "INTUIT_WEBHOOK_VERIFIER_TOKEN is not set, so every webhook is refused and changes "
            "arrive only with the next poll.",
            hint="Copy it from the Webhooks page of the app at developer.intuit.com.",
            id="crmsync.W004",
        )
    if environment == "emulator" and not settings.DEBUG:
        yield Warning(
            "INTUIT_ENVIRONMENT is emulator: nothing reaches the real QuickBooks, and webhooks "
            "are believed under a token that everybody knows unless one is set.",
            hint="Set INTUIT_ENVIRONMENT=production and the app's keys.",
            id="crmsync.W013",
        )
    if environment == "production" and settings.DEBUG:
        yield Error(
            "DEBUG is on while connected to production QuickBooks: error pages would show "
            "customers' data.",
            hint="Unset DEBUG, or use a sandbox company (INTUIT_ENVIRONMENT=sandbox).",
            id="crmsync.E005",
        )


@register(Tags.security)
def check_site(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The address, the keys that encrypt tokens, and the way mail leaves."""
    return list(_site())


def _site() -> Iterator[CheckMessage]:
    address = urlsplit(settings.SITE_URL)
    if address.scheme not in {"http", "https"} or not address.hostname or address.path:
        yield Error(
            f"SITE_URL is {settings.SITE_URL!r}.",
            hint="It is scheme and host alone, such as https://crm.example.com.",
            id="crmsync.E006",
        )
    elif address.scheme == "http" and not settings.DEBUG:
        yield Error(
            "SITE_URL is not https: passwords and sessions would travel in the clear, and Intuit "
            "accepts no such redirect address for production keys.",
            hint="Put the site behind a proxy with a certificate and set SITE_URL=https://...",
            id="crmsync.E007",
        )
    if not settings.TOKEN_ENCRYPTION_KEYS or not all(map(_is_key, settings.TOKEN_ENCRYPTION_KEYS)):
        yield Error(
            "TOKEN_ENCRYPTION_KEYS holds no key, or something that is not one.",
            hint="Each is 32 random bytes in URL-safe base64; docs/deploying.md tells how to draw "
            "one. Separate several by commas, the one that encrypts first.",
            id="crmsync.E008",
        )
    if settings.EMBEDDED_DATABASE and not settings.DEBUG:
        yield Error(
            "DATABASE_URL is not set, and the project's own PostgreSQL is for development only.",
            hint="Set DATABASE_URL=postgres://user:password@host/name.",
            id="crmsync.E009",
        )
    if not settings.DEBUG and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield Warning(
            "EMAIL_URL is not set: mail is written to files and reaches nobody.",
            hint="Set EMAIL_URL=smtp+tls://user:password@host:587.",
            id="crmsync.W010",
        )


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


@register(Tags.database)
def check_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Kind and version of the database; asks it only where the command names it (migrate does)."""
    messages: list[CheckMessage] = []
    for alias in connections:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            messages.append(
                Error(
                    f"DATABASE_URL leads to {connection.vendor}; crmsync runs on PostgreSQL only.",
                    hint=f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer.",
                    id="crmsync.E011",
                )
            )
        elif alias in (databases or ()):
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_version_num")
                version = int(cursor.fetchone()[0]) // 10_000
            if version < OLDEST_POSTGRESQL:
                messages.append(
                    Error(
                        f"This PostgreSQL is version {version}.",
                        hint=f"Use PostgreSQL {OLDEST_POSTGRESQL} or newer.",
                        id="crmsync.E012",
                    )
                )
    return messages
