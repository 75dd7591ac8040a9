"""Intuit's notifications, stored once, and the pulls they ask for."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from integrations import pulling
from integrations.crypto import realm_hashes
from integrations.models import Connection, WebhookEvent
from integrations.quickbooks import webhooks

SYNCED: Final = frozenset({"Customer", "Item", "Invoice", "Payment"})
"""What an event must be about to ask for a pull: others would cost a metered read for nothing."""

SETTINGS: Final = "Preferences"
"""What the company allows and announces."""

KEPT: Final = timedelta(days=30)
"""How long an event is remembered; Intuit repeats a delivery for days (facts 3.3)."""

_LONGEST_ID = 40

_INSERT = """
INSERT INTO integrations_webhookevent
    (connection_id, dedupe_key, kind, operation, external_id, deleted_id, at, received_at)
SELECT *, clock_timestamp() FROM unnest(
    %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
ON CONFLICT (connection_id, dedupe_key) DO NOTHING
RETURNING connection_id
"""


def take_in(events: Sequence[webhooks.WebhookEvent]) -> None:
    """Store the events of one delivery and wake a pull for each connection with a new one.

    New preferences are read. Events of companies that are not connected here are ignored. Merged
    and deleted ones are work, applied by that pull; all others have served with the wake-up. One
    short transaction.
    """
    wanted = [event for event in events if event.known and event.kind in {*SYNCED, SETTINGS}]
    if not wanted:
        return
    with transaction.atomic():
        connections = _connections({event.realm for event in wanted})
        for connection_id in _store(_rows(connections, wanted, SYNCED)):
            pulling.wake(connection_id)
        for connection_id in _store(_rows(connections, wanted, {SETTINGS})):
            async_task("integrations.tasks.read_company", connection_id)


def forget_old() -> int:
    """Delete events of 30 days ago, except work that is still to be done; return how many."""
    old = WebhookEvent.objects.filter(received_at__lt=timezone.now() - KEPT)
    undone = Q(
        applied_at=None,
        operation__in=["merged", "deleted"],
        connection__in=Connection.objects.live(),
    )
    return old.exclude(undone).delete()[0]


def _connections(realms: Iterable[str]) -> dict[str, int]:
    """Find the live connections at home by their realms' keyed hashes, in one query."""
    by_hash = {each: realm for realm in realms for each in realm_hashes(realm)}
    at_home = Connection.objects.live().filter(
        realm_hash__in=by_hash,
        site_url=settings.SITE_URL,
        environment=settings.INTUIT_ENVIRONMENT,
    )
    return {by_hash[found]: pk for pk, found in at_home.values_list("pk", "realm_hash")}


def _rows(
    connections: Mapping[str, int],
    events: Iterable[webhooks.WebhookEvent],
    kinds: Container[str | None],
) -> list[tuple[object, ...]]:
    """In one order, so that two deliveries with events in common do not wait for each other."""
    return sorted(
        (
            connections[event.realm],
            event.dedupe_key,
            event.kind,
            event.operation,
            event.external_id,
            event.deleted_id or "",
            event.at or timezone.now(),
        )
        for event in events
        if event.kind in kinds
        and event.realm in connections
        and max(len(event.external_id), len(event.deleted_id or "")) <= _LONGEST_ID
    )


def _store(rows: Sequence[tuple[object, ...]]) -> list[int]:
    """Insert the rows in one statement; return the connections that got a new one, in order."""
    if not rows:
        return []
    with database.cursor() as cursor:
        cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
        return sorted({connection_id for (connection_id,) in cursor.fetchall()})
