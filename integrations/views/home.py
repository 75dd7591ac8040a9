"""The integrations page: one card per integration (R1)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integrations.card import quickbooks_card
from integrations.deep_links import settings_address
from integrations.permissions import is_admin


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Everybody sees how it stands; only admins see controls."""
    return render(
        request,
        "integrations/home.html",
        {
            "card": quickbooks_card(),
            "is_admin": is_admin(request),
            "server_notice": settings.QUICKBOOKS_SERVER_NOTICE,
            "quickbooks_apps_url": settings_address(),
            "tab": "integrations",
        },
    )


@require_safe
def what_syncs(request: HttpRequest) -> HttpResponse:
    """What syncs and what does not, in plain words."""
    return render(request, "integrations/what_syncs.html")
