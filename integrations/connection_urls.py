"""The addresses of the connection, below /settings/integrations/quickbooks/, and the webhook's."""

from __future__ import annotations

from django.urls import URLPattern, path

from integrations.views import callback, connect, disconnect, launch, reset, webhooks

_BASE = "settings/integrations/quickbooks"

urlpatterns: list[URLPattern] = [
    path(f"{_BASE}/connect/", connect.connect, name="connect"),
    path(f"{_BASE}/callback/", callback.callback, name="callback"),
    path(f"{_BASE}/reconnect/", connect.reconnect, name="reconnect"),
    path(f"{_BASE}/reset/", reset.reset, name="reset"),
    path(f"{_BASE}/disconnect/", disconnect.disconnect, name="disconnect"),
    path(f"{_BASE}/adopt/", launch.adopt, name="adopt"),
    path(f"{_BASE}/launch/", launch.launch, name="launch"),
    path(f"{_BASE}/disconnected/", launch.disconnected, name="disconnected"),
    path("webhooks/quickbooks/", webhooks.receive, name="webhooks"),
]
