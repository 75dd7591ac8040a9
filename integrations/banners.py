"""What every page's frame says about the connection: the attention count, and banners.

Both are named in settings, so that the CRM's frame need not know who counts. One query serves
both, and a connection without trouble costs no second one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from integrations.card import ending_note
from integrations.models import Connection
from integrations.permissions import is_admin

_KEPT = "_integrations_summary"
_OPEN = "open_items"


@dataclass(frozen=True, slots=True)
class _Summary:
    connection: Connection | None
    open_items: int


def attention_count(request: HttpRequest) -> int:
    """How many open items the rail shows."""
    return _summary(request).open_items


def banners(request: HttpRequest) -> list[dict[str, Any]]:
    """Above every page: reconnect needed, a copied database, a connection about to end."""
    connection = _summary(request).connection
    # The card itself says all of it, with the buttons.
    if connection is None or request.path == reverse("integrations:home"):
        return []
    found = _banner(connection)
    if found is None:
        return []
    tone, text = found
    if is_admin(request):
        return [
            {
                "tone": tone,
                "text": text,
                "url": reverse("integrations:home"),
                "label": "See the connection",
            }
        ]
    return [{"tone": tone, "text": f"{text} An admin has to see to it."}]


def _banner(connection: Connection) -> tuple[str, str] | None:
    name = connection.company_name
    if not connection.at_home:
        return "held", f"This is a copy of the database: syncing with {name} is paused here."
    if connection.status == Connection.Status.RECONNECT_NEEDED:
        finish = (
            " If it was disconnected in QuickBooks on purpose, finish disconnecting here."
            if connection.disconnect_page_at
            else ""
        )
        return (
            "failed",
            f"QuickBooks ({name}) has to be connected again; what changes meanwhile waits.{finish}",
        )
    note = ending_note(connection, timezone.now())
    return (note.tone, note.text) if note and note.tone != "info" else None


def _summary(request: HttpRequest) -> _Summary:
    kept: _Summary | None = getattr(request, _KEPT, None)
    if kept is None:
        connection = (
            Connection.objects.live()
            .annotate(**{_OPEN: Count("attention", filter=Q(attention__closed_at=None))})
            .defer("company", "access_token", "refresh_token", "realm")
            .first()
        )
        kept = _Summary(connection, getattr(connection, _OPEN, 0))
        setattr(request, _KEPT, kept)
    return kept
