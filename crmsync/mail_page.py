"""The mailbox of a development machine: what would have been sent, to read and to follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from csp.decorators import csp_exempt
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from crmsync import mail_files

#: A message's own HTML runs nothing, loads nothing and opens its links in a window of their own.
_FRAME_POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:;"
    " style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_NEW_WINDOW: Final = '<base target="_blank">'

View = Callable[..., HttpResponse]


def mail_page(request: HttpRequest) -> dict[str, str]:
    """Context processor: where the mailbox is; "" where there is none."""
    return {"mail_page": reverse("development_mail") if mail_files.available() else ""}


def _in_development(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not mail_files.available():
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_safe
@_in_development
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "development/mail.html", {"stored": mail_files.newest()})


@require_safe
@_in_development
def message(request: HttpRequest, name: str, place: int) -> HttpResponse:
    stored = _found(name, place)
    context = {
        "stored": stored,
        "headers": [(key, value) for key, value in stored.message.items()],
        "text": stored.body("plain"),
        "has_html": bool(stored.body("html")),
        "attachments": [part.get_filename() for part in stored.message.iter_attachments()],
    }
    return render(request, "development/message.html", context)


@require_safe
@csp_exempt()
@xframe_options_sameorigin
@_in_development
def html(request: HttpRequest, name: str, place: int) -> HttpResponse:
    """The message's HTML, for a frame of its page."""
    response = HttpResponse(_NEW_WINDOW + _found(name, place).body("html"))
    response["Content-Security-Policy"] = _FRAME_POLICY
    return response


@require_safe
@_in_development
def attachment(request: HttpRequest, name: str, place: int, number: int) -> HttpResponse:
    """One of its attachments, counted from 0, to download."""
    parts = list(_found(name, place).message.iter_attachments())
    if number >= len(parts):
        raise Http404
    response = HttpResponse(
        parts[number].get_payload(decode=True), content_type="application/octet-stream"
    )
    response["Content-Disposition"] = 'attachment; filename="attachment"'
    return response


def _found(name: str, place: int) -> mail_files.Stored:
    stored = mail_files.find(name, place)
    if stored is None:
        raise Http404
    return stored
