"""Needs attention (R23): what wants a person, opened and closed by whoever finds it.

The sentences, remedies and buttons of each cause are in `integrations.attention_wording`. What
every pull and push does is written out as SQL here: Django takes longer to put such a statement
together than PostgreSQL to carry it out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection as database
from django.db.models import QuerySet
from django.utils import timezone

from integrations.models import Attention, Cause, Connection


def open_item(
    connection: Connection, cause: Cause, key: str = "", facts: Mapping[str, Any] | None = None
) -> None:
    """Ask for a person. Idempotent: an item that is open already takes the newer facts.

    `key` tells items of one cause apart. `facts` are ids and names, never secrets. One statement;
    may be called inside a transaction or outside.
    """
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_attention"
            " (connection_id, cause, key, facts, opened_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (connection_id, cause, key) WHERE closed_at IS NULL"
            " DO UPDATE SET facts = excluded.facts",
            [connection.pk, cause, key, json.dumps(dict(facts or {})), timezone.now()],
        )


def is_open(connection: Connection, cause: Cause, key: str = "") -> bool:
    """Whether an item waits for a person."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM integrations_attention WHERE connection_id = %s"
            " AND cause = %s AND key = %s AND closed_at IS NULL)",
            [connection.pk, cause, key],
        )
        found: bool = cursor.fetchone()[0]
        return found


def close_item(connection: Connection, cause: Cause, key: str = "") -> bool:
    """The cause is gone. Idempotent, one statement; tells whether an item was open."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_attention SET closed_at = %s WHERE connection_id = %s"
            " AND cause = %s AND key = %s AND closed_at IS NULL",
            [timezone.now(), connection.pk, cause, key],
        )
        return bool(cursor.rowcount)


def open_items() -> QuerySet[Attention]:
    """What waits for a person now, the latest first."""
    return Attention.objects.filter(closed_at=None).order_by("-opened_at", "-id")


def shown_items() -> QuerySet[Attention]:
    """The open items that a person can do something about: those of the company in use.

    After Disconnect a company's questions rest until it is connected again.
    """
    live = Connection.objects.live()
    return open_items().filter(connection__in=live).select_related("connection")
