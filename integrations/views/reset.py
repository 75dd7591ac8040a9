"""Refreshing the integration without removing it (R19)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from integrations import resetting
from integrations.models import Connection, Run
from integrations.permissions import admin_required, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def reset(request: HttpRequest) -> HttpResponse:
    """Say in numbers what a reset ends; on POST begin it."""
    live = Connection.objects.live().first()
    refusal = _refusal(live)
    if live is None or refusal:
        messages.info(request, refusal)
        return redirect("integrations:home")
    if request.method == "POST":
        _tell(request, resetting.request(live, signed_in(request)))
        return redirect("integrations:home")
    return render(
        request,
        "integrations/reset.html",
        {"connection": live, "preview": resetting.preview(live)},
    )


def _tell(request: HttpRequest, run: Run) -> None:
    if run.kind == Run.Kind.RESET:
        messages.success(
            request, "Reset began. Contacts and products are being read from QuickBooks again."
        )
    else:
        messages.warning(request, "An import is running. Reset when it has finished.")


def _refusal(connection: Connection | None) -> str:
    if connection is None:
        return "QuickBooks is not connected, so there is nothing to reset."
    if connection.status == Connection.Status.RECONNECT_NEEDED:
        return "Connect QuickBooks again first; then the connection can be reset."
    if not connection.at_home:
        return "This is a copy of another installation; its connection is paused."
    if connection.paused_at:
        return "Syncing is paused. Resume it first; then the connection can be reset."
    return ""
