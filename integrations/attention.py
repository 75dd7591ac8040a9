"""Needs attention (R23): what wants a person, opened and closed by whoever finds it.

The sentences, remedies and buttons of each cause are in `integrations.attention_wording`.
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


def close_item(connection: Connection, cause: Cause, key: str = "") -> bool:
    """The cause is gone. Idempotent, one statement; tells whether an item was open."""
    closed = open_items().filter(connection=connection, cause=cause, key=key)
    return bool(closed.update(closed_at=timezone.now()))


def open_items() -> QuerySet[Attention]:
    """What waits for a person now, the latest first."""
    return Attention.objects.filter(closed_at=None).order_by("-opened_at", "-id")


def shown_items() -> QuerySet[Attention]:
    """The open items that a person can do something about: those of the company in use.

    After Disconnect a company's questions rest until it is connected again.
    """
    live = Connection.objects.live()
    return open_items().filter(connection__in=live).select_related("connection")
