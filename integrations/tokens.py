"""The connection's tokens: one refresh at a time, kept before they are used.

Intuit's refresh token changes about once a day, and two refreshes with one token may end the
connection (facts 1.3). So a refresh needs the connection's token lease, and what it brought is
committed on its own before anyone calls with it.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations import attention, gate, leases, reconnect_mail
from integrations.models import Cause, Connection, Lease
from integrations.quickbooks import faults, oauth
from integrations.transactions import forbid_open_transaction

logger = logging.getLogger(__name__)

CALLBACK_PATH: Final = "/settings/integrations/quickbooks/callback/"
"""Registered with Intuit, behind SITE_URL, as the app's redirect URI."""

AHEAD: Final = timedelta(minutes=5)
"""An access token this close to its end is not used any more."""

IDLE: Final = timedelta(hours=23)
"""A connection that nobody used for this long is refreshed all the same."""

# Longer than a refresh can take by its time-outs.
_LEASE_SECONDS = 90.0
_PATIENCE = 60.0
_GLANCE = 0.1
REFUSED: Final = (
    "QuickBooks no longer accepts the connection: it expired, or it was ended inside QuickBooks."
)
LOST_KEYS: Final = (
    "The keys in TOKEN_ENCRYPTION_KEYS do not open what this connection was stored with. Put the "
    "former keys back behind the new one and connect again, or disconnect and connect anew."
)

_FIELDS = (
    "status",
    "access_token",
    "refresh_token",
    "access_expires_at",
    "refresh_expires_at",
    "hard_expires_at",
    "refreshed_at",
)


class NotConnected(Exception):
    """The connection has no tokens: an admin disconnected it."""


def intuit_app() -> oauth.IntuitApp:
    """This installation as it is registered with Intuit."""
    return oauth.IntuitApp(
        client_id=settings.INTUIT_CLIENT_ID,
        client_secret=settings.INTUIT_CLIENT_SECRET,
        discovery_url=settings.INTUIT_DISCOVERY_URL,
        redirect_uri=settings.SITE_URL + CALLBACK_PATH,
    )


def reload(connection: Connection) -> None:
    """Read the tokens and the status anew: another worker may have changed them."""
    connection.refresh_from_db(fields=_FIELDS)


def put(connection: Connection, fresh: oauth.Tokens) -> list[str]:
    """Set the fields of a connection from what Intuit gave; return their names, to be saved."""
    now = timezone.now()
    hard = fresh.hard_expires_in
    connection.access_token = fresh.access_token
    connection.refresh_token = fresh.refresh_token
    connection.access_expires_at = now + timedelta(seconds=fresh.expires_in)
    connection.refresh_expires_at = now + timedelta(seconds=fresh.refresh_expires_in)
    if hard is not None:
        connection.hard_expires_at = now + timedelta(seconds=hard)
    connection.refreshed_at = now
    return [name for name in _FIELDS if name != "status"]


def refresh(connection: Connection, used_token: str) -> str:
    """Return an access token other than `used_token`, which Intuit did not accept or soon won't.

    Whoever does not get the lease waits for its holder and takes over what that one stored.
    Raises NotConnected, ReconnectNeeded (the connection is marked so), BadClientKeys, a Transient.
    """
    forbid_open_transaction()
    give_up = time.monotonic() + _PATIENCE
    while True:
        held = leases.take(connection.pk, Lease.Name.TOKEN, _LEASE_SECONDS)
        if held is not None:
            break
        if time.monotonic() > give_up:
            raise faults.TimedOut
        time.sleep(_GLANCE)
    try:
        reload(connection)
        if connection.status == Connection.Status.DISCONNECTED:
            raise NotConnected
        if connection.status == Connection.Status.RECONNECT_NEEDED:
            raise faults.ReconnectNeeded
        need_keys(connection)
        if connection.access_token != used_token:
            return _current(connection)
        return _renewed(connection)
    finally:
        held.release()


def need_keys(connection: Connection) -> None:
    """Raise ReconnectNeeded, and mark the connection so, where no key opens its secrets."""
    if connection.sealed:
        mark_reconnect_needed(connection, LOST_KEYS)
        raise faults.ReconnectNeeded


def keep_alive(connection: Connection) -> None:
    """Refresh tokens that nobody has used for a day, so that the rolling expiry never comes near.

    Raises what `refresh` raises. Access tokens are otherwise renewed by whoever needs one.
    """
    if connection.status == Connection.Status.CONNECTED and connection.at_home:
        last = connection.refreshed_at
        if last is None or timezone.now() - last > IDLE:
            refresh(connection, connection.access_token)


def mark_reconnect_needed(connection: Connection, reason: str) -> None:
    """Say once, on the connection, under Needs attention and to the admins by mail, that it must
    be connected again.

    `reason` is a sentence for people. *Invoices since* and the cursor stay (R21).
    """
    with transaction.atomic():
        marked = Connection.objects.filter(
            pk=connection.pk, status=Connection.Status.CONNECTED
        ).update(status=Connection.Status.RECONNECT_NEEDED, reconnect_reason=reason)
        if marked:
            attention.open_item(connection, Cause.RECONNECT, facts={"reason": reason})
            reconnect_mail.enqueue(connection.pk)
    connection.refresh_from_db(fields=["status", "reconnect_reason"])
    if marked:
        logger.warning("Connection %s has to be connected again", connection.pk)


def _renewed(connection: Connection) -> str:
    """Refresh at Intuit, with the lease held, and keep the answer before anyone uses it."""
    spent = connection.refresh_token
    try:
        fresh = oauth.refresh(intuit_app(), spent)
    except faults.ReconnectNeeded:
        reload(connection)
        if connection.refresh_token != spent:
            # Connected again, or disconnected, while this was under way.
            return _current(connection)
        mark_reconnect_needed(connection, REFUSED)
        raise
    except (faults.Transient, faults.BadClientKeys) as exc:
        gate.back_off(connection.pk, gate.seconds_after(exc))
        raise
    if _keep(connection, spent, fresh):
        logger.info("Refreshed the tokens of connection %s", connection.pk)
        return fresh.access_token
    reload(connection)
    return _current(connection)


def _keep(connection: Connection, spent: str, fresh: oauth.Tokens) -> bool:
    """Commit what a refresh brought, unless other tokens took the place of the spent one."""
    with transaction.atomic():
        row = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        if row.refresh_token != spent:
            return False
        row.save(update_fields=put(row, fresh))
    for name in _FIELDS:
        setattr(connection, name, getattr(row, name))
    return True


def _current(connection: Connection) -> str:
    if connection.status == Connection.Status.DISCONNECTED:
        raise NotConnected
    token: str = connection.access_token
    return token
