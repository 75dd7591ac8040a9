"""The pages of the integrations, and through `connection_urls` the connection's own addresses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from contacts.models import RecordKind
from integrations.views import (
    activity,
    attention,
    bookkeeping,
    controls,
    home,
    linking,
    progress,
    records,
    skipped,
)

app_name = "integrations"

_QUICKBOOKS = "settings/integrations/quickbooks"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/integrations/", home.home, name="home"),
    path(f"{_QUICKBOOKS}/progress/", progress.progress, name="progress"),
    path(f"{_QUICKBOOKS}/sync/", controls.sync, name="sync"),
    path(f"{_QUICKBOOKS}/pause/", controls.pause, name="pause"),
    path(f"{_QUICKBOOKS}/resume/", controls.resume, name="resume"),
    path(f"{_QUICKBOOKS}/bookkeeping/", bookkeeping.bookkeeping, name="bookkeeping"),
    path("what-syncs/", home.what_syncs, name="what_syncs"),
    path("skipped/", skipped.skipped, name="skipped"),
    path("skipped/contacts/", skipped.not_sent, name="not_sent"),
    path("skipped/outgoing/", skipped.outgoing, name="outgoing"),
    path("skipped/<int:pk>/include/", skipped.include, name="include"),
    path("skipped/<int:pk>/leave/", skipped.leave_out, name="leave_out"),
    path("attention/", attention.attention_list, name="attention"),
    path("attention/<int:pk>/<slug:action>/", attention.act, name="attention_act"),
    path("activity/", activity.activity, name="activity"),
    path("activity/<int:pk>.csv", progress.run_csv, name="run_csv"),
    path("contacts/customers/<int:pk>/main/", records.make_main, name="make_main"),
    path("contacts/<int:pk>/send/", linking.send_contact, name="send_contact"),
    path(
        "contacts/<int:pk>/link/", linking.link, {"kind": RecordKind.CONTACT}, name="link_contact"
    ),
    path(
        "products/<int:pk>/link/", linking.link, {"kind": RecordKind.PRODUCT}, name="link_product"
    ),
    path("links/<slug:kind>/<int:pk>/unlink/", linking.unlink, name="unlink"),
    path("links/<slug:kind>/<int:pk>/leave/", linking.leave_alone, name="leave_alone"),
    path("links/<slug:kind>/<int:pk>/sync/", linking.sync_again, name="sync_again"),
    path("", include("integrations.connection_urls")),
]
