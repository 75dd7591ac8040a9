"""Disconnecting a QuickBooks company (R20): its tokens go, every record stays."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from integrations import attention, leases, tokens
from integrations.models import Cause, Connection, ImportSeen, Lease, OutboxEntry, Run
from integrations.quickbooks import faults, oauth
from integrations.transactions import forbid_open_transaction

logger = logging.getLogger(__name__)

# How long a token refresh under way may take to come back; then Disconnect goes ahead.
_PATIENCE = 10.0
# How long writes under way may take to come back; one that does not is kept with its request id.
_SETTLING = 10.0
_LEASE_SECONDS = 60.0
_GLANCE = 0.1
# What is about the connection as such. Questions about records rest until it is connected again.
_CAUSES = (Cause.RECONNECT, Cause.LOST_RIGHTS, Cause.IMPORT_FAILED, Cause.COPIED_DATABASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened at Intuit: `revoked` says that it ended the connection there as well.

    `left_alone` is true for a copy of the database, whose tokens belong to the original.
    """

    revoked: bool
    left_alone: bool


def disconnect(connection: Connection, by: User | None) -> Outcome:
    """End the connection here, and at Intuit if it answers. Idempotent.

    What waits to be sent stays in the outbox. Takes up to half a minute while Intuit does not
    answer. Must not be called inside a transaction.
    """
    forbid_open_transaction()
    _let_writes_settle(connection)
    held = _token_lease(connection)
    try:
        tokens.reload(connection)
        left_alone = not connection.at_home
        revoked = bool(connection.refresh_token) and not left_alone and _revoked(connection)
        with transaction.atomic():
            _end(connection, by)
    finally:
        if held is not None:
            held.release()
    logger.info("Disconnected connection %s, by user %s", connection.pk, by.pk if by else None)
    return Outcome(revoked=revoked, left_alone=left_alone)


def _let_writes_settle(connection: Connection) -> None:
    """Start nothing new, and give what is in flight a moment to come back."""
    live = Connection.objects.live().filter(pk=connection.pk, paused_at=None)
    live.update(paused_at=timezone.now())
    flying = list(
        OutboxEntry.objects.filter(
            connection=connection,
            state=OutboxEntry.State.IN_FLIGHT,
            claimed_until__gt=timezone.now(),
        ).values_list("pk", "owner")
    )
    give_up = time.monotonic() + _SETTLING
    while flying and time.monotonic() < give_up:
        time.sleep(_GLANCE)
        still = OutboxEntry.objects.filter(
            pk__in=[pk for pk, _ in flying],
            state=OutboxEntry.State.IN_FLIGHT,
            claimed_until__gt=timezone.now(),
        )
        flying = [each for each in still.values_list("pk", "owner") if each in flying]


def _token_lease(connection: Connection) -> leases.Held | None:
    """Keep refreshes off: one that ends after the revocation would look like a lost connection."""
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        held = leases.take(connection.pk, Lease.Name.TOKEN, _LEASE_SECONDS)
        if held is not None:
            return held
        time.sleep(_GLANCE)
    return None


def _revoked(connection: Connection) -> bool:
    try:
        oauth.revoke(tokens.intuit_app(), connection.refresh_token)
    except faults.QuickBooksError as exc:
        logger.warning("Intuit did not revoke connection %s: %s", connection.pk, exc)
        return False
    return True


def _end(connection: Connection, by: User | None) -> None:
    # Commits that are under way finish; whoever comes later finds its lease gone.
    leases.call_in(connection.pk)
    now = timezone.now()
    row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    if row.status == Connection.Status.DISCONNECTED:
        return
    row.status = Connection.Status.DISCONNECTED
    row.access_token = row.refresh_token = row.reconnect_reason = ""
    row.access_expires_at = row.refresh_expires_at = row.hard_expires_at = None
    row.back_off_until = row.paused_at = row.disconnect_page_at = None
    row.disconnected_at = now
    row.save()
    Run.objects.filter(connection=row, status=Run.Status.RUNNING).update(
        status=Run.Status.STOPPED,
        finished_at=now,
        message=f"Stopped when {by} disconnected QuickBooks." if by else "Disconnected.",
    )
    ImportSeen.objects.filter(progress__run__connection=row).delete()
    for cause in _CAUSES:
        attention.close_item(row, cause)
