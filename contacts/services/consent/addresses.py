"""The lock that keeps contacts and consents equal while addresses change hands."""

from __future__ import annotations

from typing import Final

from django.db import connection

#: One advisory lock for the whole table: "CONSENT" in letters of a telephone's keys.
_LOCK: Final = 2667368


def share() -> None:
    """Before a contact takes an address: whoever unsubscribes it meanwhile waits for the commit.

    Locks are taken in one order: rows of contacts, this, rows of consents.
    """
    _execute("SELECT pg_advisory_xact_lock_shared(%s)")


def exclude() -> None:
    """Before consent changes for an address that no contact has: nobody takes it until the end."""
    _execute("SELECT pg_advisory_xact_lock(%s)")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK])
