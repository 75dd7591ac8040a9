"""Leaving for Intuit's authorization page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from integrations import connecting
from integrations.models import Connection
from integrations.permissions import admin_required, signed_in


@require_POST
@admin_required
def connect(request: HttpRequest) -> HttpResponse:
    """Send the browser to Intuit, where a company is chosen and the person agrees (R2)."""
    return _to_intuit(request)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def reconnect(request: HttpRequest) -> HttpResponse:
    """Intuit's Reconnect URL: a page with the button, which starts afresh."""
    if request.method == "POST":
        return _to_intuit(request)
    live = Connection.objects.live().first()
    return render(request, "integrations/reconnect.html", {"connection": live})


def _to_intuit(request: HttpRequest) -> HttpResponse:
    try:
        return redirect(connecting.begin(request.session, signed_in(request)))
    except connecting.ConnectFailed as exc:
        messages.error(request, str(exc))
        return redirect("integrations:home")
