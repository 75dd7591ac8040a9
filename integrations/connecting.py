"""Connecting a QuickBooks company, for the first time or again (R2, R14, R21)."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from contacts.models import Business, User
from integrations import (
    attention,
    company_settings,
    gate,
    importing,
    oauth_state,
    pulling,
    tokens,
    usage,
)
from integrations.cancelling import cancel_older
from integrations.models import (
    Cause,
    Connection,
    InvoiceLink,
    PaymentLink,
    Reason,
    Run,
    SetAside,
)
from integrations.quickbooks import faults, oauth
from integrations.quickbooks.client import Answer, QuickBooksApi
from integrations.quickbooks.mapping.company import company_from
from integrations.quickbooks.records import CompanyRecord
from integrations.transactions import forbid_open_transaction

logger = logging.getLogger(__name__)

# Any number that no other advisory lock of the project has.
_CONNECTING = 7_201_004
# A person's browser waits for the answer.
_TIMEOUTS = (5.0, 25.0)
# CompanyInfo and Preferences.
_CALLS = 2


class ConnectFailed(Exception):
    """Nothing was connected; `str()` is a sentence for the person who tried."""


class NotConfigured(ConnectFailed):
    def __init__(self) -> None:
        super().__init__(
            "This server has no keys from Intuit yet: set INTUIT_CLIENT_ID and "
            "INTUIT_CLIENT_SECRET, then connect again."
        )


class NotAllowed(ConnectFailed):
    def __init__(self) -> None:
        super().__init__("Only admins can connect QuickBooks. Nothing was connected.")


class IntuitRefused(ConnectFailed):
    """The code is used up or old, or Intuit does not know this app or cannot be reached."""


class CompanyNotConfirmed(ConnectFailed):
    """No company answered under the realm that the callback named."""


class WrongCompany(ConnectFailed):
    """Another company is connected, or waits to be connected again."""

    def __init__(self, ours: Connection, chosen: str) -> None:
        self.names = (ours.company_name, chosen)
        remedy = (
            f"To renew the connection, choose {ours.company_name} at Intuit; to change companies,"
            " disconnect it first."
            if ours.status == Connection.Status.RECONNECT_NEEDED and not ours.sealed
            else "Disconnect that one first: its keys are lost, so it cannot be renewed."
            if ours.sealed
            else "To change companies, disconnect it first."
        )
        super().__init__(
            f"You chose {chosen} at Intuit, but this CRM is connected to {ours.company_name}. "
            f"{remedy} Nothing was changed."
        )


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A company that answered under its realm, with our tokens, and the clocks at that moment."""

    realm: str
    record: CompanyRecord = field(repr=False)
    tokens: oauth.Tokens = field(repr=False)
    intuits_time: datetime
    our_time: datetime


def begin(session: SessionBase, user: User) -> str:
    """Return Intuit's address to send the person to; the session remembers the question.

    Raises NotConfigured, or IntuitRefused while Intuit cannot be reached.
    """
    forbid_open_transaction()
    if not (settings.INTUIT_CLIENT_ID and settings.INTUIT_CLIENT_SECRET):
        raise NotConfigured
    try:
        return oauth.authorization_url(tokens.intuit_app(), oauth_state.issue(session, user))
    except faults.QuickBooksError as exc:
        raise IntuitRefused(f"{exc.sentence}. Try again in a few minutes.") from exc


def complete(user: User, *, code: str, realm: str) -> Connection:
    """Connect the company that was chosen at Intuit; the state must have been checked before.

    For a company that is new, or was disconnected, *invoices since* is now and an import starts.
    One that is connected, or waits to be connected again, gets the tokens and goes on where it
    was. Raises a ConnectFailed; then nothing is stored.
    """
    forbid_open_transaction()
    if not user.is_admin:
        raise NotAllowed
    fresh = _exchanged(code)
    confirmed = _confirmed(realm, fresh)
    try:
        with transaction.atomic():
            return _stored(confirmed, user)
    except WrongCompany:
        # The grant is for a company that we do not keep: Intuit shall not list us there.
        _give_back(fresh)
        raise


def _exchanged(code: str) -> oauth.Tokens:
    try:
        return oauth.exchange(tokens.intuit_app(), code)
    except faults.ReconnectNeeded as exc:
        raise IntuitRefused(
            "Intuit's answer was used already or is too old. Press Connect again."
        ) from exc
    except faults.BadClientKeys as exc:
        raise IntuitRefused(
            f"{exc.sentence}: check INTUIT_CLIENT_ID, INTUIT_CLIENT_SECRET and the environment."
        ) from exc
    except faults.QuickBooksError as exc:
        raise IntuitRefused(f"{exc.sentence}. Press Connect again.") from exc


def _confirmed(realm: str, fresh: oauth.Tokens) -> _Confirmed:
    """Ask the company itself: the realm in the callback's address is only a claim."""
    try:
        with QuickBooksApi(
            api_url=settings.QUICKBOOKS_API_URL,
            realm=realm,
            access_token=fresh.access_token,
            on_call=usage.meter,
            timeouts=_TIMEOUTS,
        ) as api:
            answer: Answer = api.get_single_object("companyinfo", realm)
            our_time = _database_clock()
            record = company_from(answer.object("CompanyInfo"), api.preferences())
            intuits_time = answer.told_time().replace(microsecond=0)
    except faults.Transient as exc:
        # Whose tokens these are is not known: giving them back could end a working connection.
        raise CompanyNotConfirmed(
            f"{exc.sentence}, so the company could not be confirmed. Press Connect again."
        ) from exc
    except (faults.QuickBooksError, ValueError) as exc:
        # Revoking ends every grant of a company, so not where one of ours may be among them.
        if not Connection.objects.live().for_realm(realm).exists():
            _give_back(fresh)
        raise CompanyNotConfirmed(
            "QuickBooks did not confirm the company for this connection, so nothing was "
            "connected. Press Connect again and choose the company at Intuit."
        ) from exc
    return _Confirmed(realm, record, fresh, intuits_time, our_time)


def _give_back(fresh: oauth.Tokens) -> None:
    with suppress(faults.QuickBooksError):
        oauth.revoke(tokens.intuit_app(), fresh.refresh_token)


def _stored(confirmed: _Confirmed, user: User) -> Connection:
    # Two people connecting at once: the second sees what the first stored.
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CONNECTING])
    known = Connection.objects.for_realm(confirmed.realm).select_for_update(no_key=True).first()
    live = Connection.objects.live().select_for_update(no_key=True).first()
    if live is not None and live != known:
        record = confirmed.record
        raise WrongCompany(live, record.name or record.legal_name or company_settings.NAMELESS)
    connection = known or Connection(realm=confirmed.realm, invoices_since=confirmed.intuits_time)
    # Another consent has another end of its own.
    connection.hard_expires_at = None
    tokens.put(connection, confirmed.tokens)
    company_settings.put(connection, confirmed.record)
    connection.status = Connection.Status.CONNECTED
    connection.reconnect_reason = ""
    connection.site_url = settings.SITE_URL
    connection.environment = settings.INTUIT_ENVIRONMENT
    connection.back_off_until = connection.disconnect_page_at = None
    if live is None:
        _begin_anew(connection, confirmed, user)
    else:
        connection.save()
        pulling.wake(connection.pk, at_once=True)
    gate.count(connection.pk, _CALLS)
    for cause in (Cause.RECONNECT, Cause.LOST_RIGHTS, Cause.COPIED_DATABASE):
        attention.close_item(connection, cause)
    logger.info("Connected QuickBooks as connection %s, by user %s", connection.pk, user.pk)
    return connection


def _begin_anew(connection: Connection, confirmed: _Confirmed, user: User) -> None:
    """First time, or after Disconnect: only what is created from now on moves (R14, R21)."""
    connection.invoices_since = confirmed.intuits_time
    connection.invoices_since_here = confirmed.our_time
    connection.connected_at = timezone.now()
    connection.connected_by = user
    connection.disconnected_at = connection.paused_at = None
    connection.cursor = connection.catch_up = None
    connection.save()
    for links in (InvoiceLink, PaymentLink):
        links.objects.filter(connection=connection, frozen_at=None).update(
            frozen_at=connection.connected_at
        )
    # Invoices that waited are of before; what a person decided about one stays.
    parked = SetAside.objects.filter(connection=connection, kind__in=["Invoice", "Payment"])
    parked.exclude(reason=Reason.NOT_WANTED).delete()
    cancel_older(connection, confirmed.our_time)
    # Until somebody says otherwise the business counts in its books' money and time.
    Business.objects.get_or_create(
        pk=1,
        defaults={
            "name": connection.company_name,
            "currency": connection.home_currency or "USD",
            "time_zone": connection.time_zone or "UTC",
        },
    )
    importing.start(connection, kind=Run.Kind.IMPORT, trigger=Run.Trigger.CONNECT, by=user)


def _database_clock() -> datetime:
    with database.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
