"""What the CRM's pages show about a record's other life, without knowing where that is.

`settings.CONTACTS_RECORD_STATES` names a function `(kind, ids) -> {id: RecordState}` and
`settings.CONTACTS_RECORD_PANEL` one `(request, kind, record) -> SafeString` for detail pages.
`settings.CONTACTS_INVOICE_FORESEEN` names one `(invoice) -> list[str]` for the question before
an invoice is sent, `settings.CONTACTS_BOOKS_CLOSED` one `() -> date | None` for the forms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

from contacts.models import Invoice, RecordKind

Tone = Literal["ok", "waiting", "held", "failed", "muted"]


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record's state in words a bookkeeper understands (R22)."""

    label: str
    tone: Tone
    reason: str = ""
    since: datetime | None = None
    external_id: str = ""
    external_number: str = ""
    external_url: str = ""
    company: str = ""


NOT_SYNCED = RecordState("Not synced", "muted")


def states_of(kind: RecordKind, ids: Iterable[int]) -> dict[int, RecordState]:
    """The state of each record in `ids`, in a constant number of queries."""
    found: dict[int, RecordState] = import_string(settings.CONTACTS_RECORD_STATES)(kind, list(ids))
    return found


def panel_of(request: HttpRequest, kind: RecordKind, record: Model) -> SafeString:
    """What the integration adds to the record's page; may be empty."""
    panel: SafeString = import_string(settings.CONTACTS_RECORD_PANEL)(request, kind, record)
    return panel


def foreseen_for(invoice: Invoice) -> list[str]:
    """What will keep this draft from going on once it is sent: sentences, with what to do."""
    found: list[str] = import_string(settings.CONTACTS_INVOICE_FORESEEN)(invoice)
    return found


def books_closed_until() -> date | None:
    """The last day of closed books; what is dated until then stays here."""
    closed: date | None = import_string(settings.CONTACTS_BOOKS_CLOSED)()
    return closed
