"""Fields that QuickBooks did not take: asked about while the sides differ in them (R15, R23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils import timezone

from integrations import outbox
from integrations.attention import open_items
from integrations.models import Cause, Connection


def close_what_agrees(
    connection: Connection, kind: str, apart: Mapping[int, Collection[str]]
) -> None:
    """Ask no longer about records none of whose fields in question are still apart.

    `apart` says by record which fields are. One query, and one more where something closes.
    """
    if not apart:
        return
    still = {outbox.named(kind, record_id): fields for record_id, fields in apart.items()}
    items = open_items().filter(connection=connection, cause=Cause.NOT_TAKEN, key__in=still)
    agreed = [item.pk for item in items if not {*item.facts.get("fields", ())} & {*still[item.key]}]
    if agreed:
        open_items().filter(pk__in=agreed).update(closed_at=timezone.now())
