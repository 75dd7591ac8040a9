"""The QuickBooks Online card of the integrations page (R1): everything it says, in few queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.utils import timezone

from contacts.clock import local
from contacts.display.dates import short_date
from contacts.display.spans import spoken
from contacts.record_states import Tone
from integrations.assignments import Choice, choices
from integrations.bookkeeping import EXEMPT, needs_exempt
from integrations.health import Health, health_of
from integrations.import_progress import Import, latest_import
from integrations.models import Connection


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence with a tone, above the facts of the card."""

    tone: Tone | Literal["info"]
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """Unconnected while `connection` is None; `keys_problem` then says why it cannot be."""

    connection: Connection | None
    keys_problem: str = ""
    health: Health | None = None
    imported: Import | None = None
    delay: str = ""
    ends_at: datetime | None = None
    notes: list[Note] = field(default_factory=list)
    #: The company connected last, kept after Disconnect with its links (R21).
    former: Connection | None = None

    @property
    def since(self) -> str:
        """*Invoices since* (R14) on the company's clock, to the minute."""
        if self.connection is None:
            return ""
        there = local(self.connection.invoices_since)
        return f"{short_date(there.date())}, {there:%H:%M} ({there.tzname()})"

    @property
    def renewed(self) -> bool:
        """Whether the end moves on by itself: the rolling one does, Intuit's hard one does not."""
        return self.connection is not None and self.ends_at != self.connection.hard_expires_at

    @property
    def looking_up(self) -> bool:
        """Whether the first import has not come to what the books offer."""
        return _looking_up(self.imported)

    @property
    def tax(self) -> str:
        """What becomes of tax on invoices made here (R17)."""
        if self.connection is None:
            return ""
        if not self.connection.company.get("uses_sales_tax"):
            return "None: this company does not use sales tax."
        if not needs_exempt(self.connection):
            return "None: they carry no tax, and their lines count as non-taxable in QuickBooks."
        if self.connection.exempt_code_id:
            return f"None: the tax code {EXEMPT} was found, and every line goes with it."
        if self.looking_up:
            return f"The tax code {EXEMPT} is being looked up."
        return f"They wait for a tax code named exactly {EXEMPT}."

    @property
    def choices(self) -> list[Choice]:
        """What invoices and payments made here begin with."""
        return choices(self.connection) if self.connection else []

    @property
    def copied(self) -> bool:
        return self.connection is not None and not self.connection.at_home

    @property
    def reconnect_needed(self) -> bool:
        return (
            self.connection is not None
            and self.connection.status == Connection.Status.RECONNECT_NEEDED
        )


def quickbooks_card() -> Card:
    """The card as of now. At most five queries."""
    now = timezone.now()
    connection = Connection.objects.live().select_related("connected_by").first()
    if connection is None:
        former = Connection.objects.order_by("-disconnected_at").first()
        return Card(None, keys_problem(), former=former)
    runs = connection.runs.imports().select_related("by").order_by("-started_at", "-id")[:1]
    imported = latest_import(list(runs), now)
    return Card(
        connection,
        keys_problem(),
        health=health_of(connection, imported.run if imported else None, now),
        imported=imported,
        delay=spoken(connection.last_delay) if connection.last_delay is not None else "",
        ends_at=ends_at(connection),
        notes=[*_ending(connection, now), *_tax(connection, imported)],
    )


def keys_problem() -> str:
    """Why this installation cannot talk to Intuit as it is set up; "" if nothing is known."""
    missing = [
        name
        for name in ("INTUIT_CLIENT_ID", "INTUIT_CLIENT_SECRET")
        if not getattr(settings, name).strip()
    ]
    if missing:
        return (
            f"QuickBooks cannot be connected yet: {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not set on the server. Both are on the Keys "
            "page of the app at developer.intuit.com."
        )
    if settings.INTUIT_ENVIRONMENT not in {"production", "sandbox", "emulator"}:
        return (
            "QuickBooks cannot be connected yet: INTUIT_ENVIRONMENT on the server is neither "
            "production nor sandbox."
        )
    return ""


def ends_at(connection: Connection) -> datetime | None:
    """When the connection ends unless somebody connects again: the earlier of both expiries."""
    ends = [at for at in (connection.refresh_expires_at, connection.hard_expires_at) if at]
    return min(ends, default=None)


def ending_note(connection: Connection, now: datetime) -> Note | None:
    """The warning 30, 7 and 1 days before the connection ends by itself; None before that."""
    ends = ends_at(connection)
    if ends is None or connection.status != Connection.Status.CONNECTED:
        return None
    left = ends - now
    if left > timedelta(days=30):
        return None
    tone: Tone | Literal["info"] = "info"
    if left <= timedelta(days=7):
        tone = "held"
    if left <= timedelta(days=1):
        tone = "failed"
    return Note(
        tone,
        f"Intuit ends this connection on {short_date(local(ends).date())} "
        f"(in {spoken(left)}). Connect again before then: nothing is lost and nothing is "
        "imported twice.",
    )


def _ending(connection: Connection, now: datetime) -> list[Note]:
    note = ending_note(connection, now)
    return [note] if note else []


def _looking_up(imported: Import | None) -> bool:
    return imported is not None and imported.running and imported.run.read_from is None


def _tax(connection: Connection, imported: Import | None) -> list[Note]:
    """R17: announced since connecting, not when the first invoice waits."""
    if not needs_exempt(connection) or connection.exempt_code_id or _looking_up(imported):
        return []
    return [
        Note(
            "held",
            "Invoices made here wait: this company uses sales tax outside the US, and QuickBooks "
            f"has no active tax code named exactly {EXEMPT}. Create one there under Taxes, with a "
            "rate of 0 % and that name, spelled with one capital letter. It is looked for again "
            "by itself, and what waits is sent then.",
        )
    ]
