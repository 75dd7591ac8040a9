"""After an import: how many contacts may not be mailed yet, and the two lawful ways on (R8)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from contacts.listing.page import COUNTED
from contacts.models import Contact
from contacts.models.contact import IMPORTED_UNASKED

_PUT_AWAY_AT = "consent_banner_put_away_at"


@dataclass(frozen=True, slots=True)
class ConsentBanner:
    """How many imported contacts are non-marketable, counted as far as lists count."""

    number: int

    @property
    def words(self) -> str:
        if self.number > COUNTED:
            return f"More than {COUNTED:,} imported contacts"
        return f"{self.number:,} imported contact{'s' if self.number != 1 else ''}"


def consent_banner(request: HttpRequest) -> ConsentBanner | None:
    """None where there is nobody, or nobody new since this person put it away.

    Nor while somebody looks for somebody: that page has other things to ask the database.
    """
    if request.GET.get("q"):
        return None
    newest_first = Contact.objects.filter(IMPORTED_UNASKED).order_by("-created_at", "-pk")
    counted = newest_first.values("pk", "created_at")[: COUNTED + 1]
    found = counted.aggregate(number=Count("pk"), newest=Max("created_at"))
    put_away_at = parse_datetime(request.session.get(_PUT_AWAY_AT, ""))
    if not found["number"] or (put_away_at and found["newest"] <= put_away_at):
        return None
    return ConsentBanner(found["number"])


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """Until the next import brings somebody new."""
    request.session[_PUT_AWAY_AT] = timezone.now().isoformat()
    return redirect("contacts")
