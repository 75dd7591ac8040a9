"""Ending the connection, in two steps: here, and inside QuickBooks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from integrations import disconnecting
from integrations.deep_links import settings_address
from integrations.models import Connection, Run
from integrations.not_sent import not_sent
from integrations.permissions import admin_required, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def disconnect(request: HttpRequest) -> HttpResponse:
    """Say what will happen; on POST do it; once done, say what is left to do in QuickBooks."""
    live = Connection.objects.live().first()
    if request.method == "POST":
        if live is not None:
            _tell(request, disconnecting.disconnect(live, signed_in(request)))
        return redirect("integrations:disconnect")
    if live is None:
        return _done(request)
    importing = live.runs.filter(status=Run.Status.RUNNING, kind__in=["import", "reset"])
    return render(
        request,
        "integrations/disconnect.html",
        {"connection": live, "importing": importing.exists(), "not_sent": not_sent(live)},
    )


def _done(request: HttpRequest) -> HttpResponse:
    last = Connection.objects.order_by("-disconnected_at").first()
    if last is None:
        return redirect("integrations:home")
    return render(
        request,
        "integrations/disconnected.html",
        {"connection": last, "apps_page": settings_address(), "not_sent": not_sent(last)},
    )


def _tell(request: HttpRequest, outcome: disconnecting.Outcome) -> None:
    if outcome.left_alone:
        messages.info(
            request,
            "Disconnected here. This is a copy of another installation, so the connection of "
            "the original was left alone.",
        )
    elif outcome.revoked:
        messages.success(request, "Disconnected. Intuit has ended the connection too.")
    else:
        messages.warning(
            request,
            "Disconnected here. Intuit did not confirm the end of the connection, so be sure to "
            "disconnect the app inside QuickBooks as well.",
        )
