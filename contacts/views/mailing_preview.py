"""What a message looks like to a reader, while it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from contacts.identity import identity
from contacts.models import MarketingStatus
from contacts.services.mail import Marketing
from contacts.services.mailing import audience
from contacts.services.mailing.merge_fields import MADE_UP, FieldError, values_for
from contacts.services.mailing.text import Text


@dataclass(frozen=True, slots=True)
class Preview:
    """The message to one reader, or what is wrong with it."""

    reader: str
    message: Marketing | None
    error: str = ""


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The message that is being written; and who would get it, where the form chooses people."""
    query = audience.tidy(request.POST.urlencode())
    context: dict[str, Any] = {
        "preview": preview_of(request.POST.get("subject", ""), request.POST.get("body", ""), query)
    }
    if "audience" in request.POST:
        context["outlook"] = audience.outlook(query)
    return render(request, "mailing/preview.html", context)


def preview_of(subject: str, body: str, query: str = "") -> Preview:
    """As the first of the audience would get it; as somebody made up where there is nobody."""
    first = audience.chosen(query).filter(marketing_status=MarketingStatus.MARKETABLE)
    reader = first.defer("words").order_by("pk").first()
    business = identity().name
    values = MADE_UP | {"business": business}
    if reader is not None:
        values = values_for(reader, reader.email, business)
    try:
        return Preview(values["name"], Text.of(subject, body).filled(values))
    except FieldError as error:
        return Preview(values["name"], None, str(error))
