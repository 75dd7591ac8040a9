"""The addresses that Intuit's app settings ask for, and the home of a copied database."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from integrations import connection_control, pulling
from integrations.models import Connection
from integrations.permissions import admin_required, signed_in

CHECK_PAUSE: Final = timedelta(minutes=10)
"""The disconnect page is public: opening it again and again asks Intuit no more than this often."""

_LONGEST_REALM = 40


@require_safe
def launch(request: HttpRequest) -> HttpResponse:
    """Intuit's Launch URL: people sign in and are where the connection is."""
    return redirect("integrations:home")


@require_safe
@login_not_required
@never_cache
def disconnected(request: HttpRequest) -> HttpResponse:
    """Intuit's Disconnect URL, where QuickBooks sends people who ended the connection there.

    Anybody may open it, so it proves nothing: it makes the next pull try the tokens soon, and that
    finds out (R21). The page is the same for every realm, known or not.
    """
    realm = request.GET.get("realmId", "")
    if realm and len(realm) <= _LONGEST_REALM:
        _check_soon(realm)
    return render(request, "integrations/disconnected_in_quickbooks.html")


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def adopt(request: HttpRequest) -> HttpResponse:
    """Let a copy of the database work with the connection from here on, after a warning (R21)."""
    live = Connection.objects.live().first()
    if live is None or live.at_home:
        return redirect("integrations:home")
    if request.method == "POST":
        try:
            connection_control.adopt(live, signed_in(request))
        except connection_control.OtherEnvironment as exc:
            messages.error(request, str(exc))
        else:
            messages.success(request, f"The connection to {live} works from this address now.")
        return redirect("integrations:home")
    return render(request, "integrations/adopt.html", {"connection": live})


def _check_soon(realm: str) -> None:
    now = timezone.now()
    lately = Q(disconnect_page_at__gt=now - CHECK_PAUSE)
    with transaction.atomic():
        asked = Connection.objects.working().for_realm(realm).exclude(lately)
        for pk in asked.values_list("pk", flat=True):
            Connection.objects.filter(pk=pk).update(disconnect_page_at=now)
            pulling.wake(pk, at_once=True)
