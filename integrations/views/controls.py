"""Buttons of the card and of Activity: sync now, pause, resume. Admins, POST only (R24)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from integrations import connection_control
from integrations.models import Connection
from integrations.permissions import admin_required, signed_in
from integrations.way_back import back


@require_POST
@admin_required
def sync(request: HttpRequest) -> HttpResponse:
    connection = Connection.objects.live().first()
    if connection and connection_control.sync_now(connection):
        messages.success(request, "QuickBooks is being asked for changes.")
    else:
        messages.warning(request, "Nothing to sync: QuickBooks is not connected, or it is paused.")
    return back(request, "integrations:home")


@require_POST
@admin_required
def pause(request: HttpRequest) -> HttpResponse:
    connection = Connection.objects.live().first()
    if connection and connection_control.pause(connection, signed_in(request)):
        messages.success(request, "Syncing is paused. Changes on both sides wait and are not lost.")
    return back(request, "integrations:home")


@require_POST
@admin_required
def resume(request: HttpRequest) -> HttpResponse:
    connection = Connection.objects.live().first()
    if connection and connection_control.resume(connection, signed_in(request)):
        messages.success(request, "Syncing goes on; what was missed is caught up with.")
    return back(request, "integrations:home")
