"""Skipped: what did not cross, why, and how to have it all the same (R6)."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from contacts import listing
from contacts.models import Contact
from integrations import links, outgoing_listing, skipped_listing
from integrations.models import Connection, CustomerLink, OutboxEntry, Reason, SetAside
from integrations.permissions import signed_in


@require_safe
def skipped(request: HttpRequest) -> HttpResponseBase:
    """What QuickBooks has and is not here."""
    connected = Connection.objects.live().exists()
    return listing.page(
        request,
        SetAside.objects.filter(connection__in=Connection.objects.live()).defer("snapshot"),
        skipped_listing.SkippedFilter,
        columns=skipped_listing.skipped_columns(request),
        template="integrations/skipped.html",
        sort="-since",
        noun=("skipped record", "skipped records"),
        export=skipped_listing.SKIPPED_EXPORT,
        extra={
            "tab": "there",
            "empty_template": "integrations/skipped_empty.html",
            "connected": connected,
        },
    )


@require_safe
def not_sent(request: HttpRequest) -> HttpResponseBase:
    """What is here and cannot be sent: contacts without an email address."""
    linked = CustomerLink.objects.filter(contact=OuterRef("pk"))
    return listing.page(
        request,
        # By the expression that the index of addresses has: those without one lie together in it.
        Contact.objects.annotate(address=Lower("email"))
        .filter(~Exists(linked), address="", archived_at=None)
        .defer("words"),
        skipped_listing.WithoutEmailFilter,
        columns=skipped_listing.contact_columns(),
        template="integrations/skipped.html",
        sort="-created",
        noun=("contact not sent", "contacts not sent"),
        export=skipped_listing.CONTACT_EXPORT,
        extra={
            "tab": "here",
            "empty_template": "integrations/not_sent_empty.html",
            "connected": Connection.objects.live().exists(),
        },
    )


@require_safe
def outgoing(request: HttpRequest) -> HttpResponseBase:
    """What waits to be sent; after Disconnect, what was not sent (R20)."""
    connection = Connection.objects.order_by("disconnected_at").last()
    return listing.page(
        request,
        OutboxEntry.objects.filter(connection=connection).defer("body"),
        outgoing_listing.OutgoingFilter,
        columns=outgoing_listing.COLUMNS,
        template="integrations/skipped.html",
        sort="-since",
        noun=("record to send", "records to send"),
        export=outgoing_listing.EXPORT,
        decorate=outgoing_listing.attach_records,
        extra={"tab": "outgoing", "empty_template": "integrations/outgoing_empty.html"},
    )


@require_POST
def include(request: HttpRequest, pk: int) -> HttpResponse:
    """Sync after all what somebody had set to not sync (R22)."""
    aside = get_object_or_404(
        SetAside, pk=pk, connection__in=Connection.objects.live(), reason=Reason.NOT_WANTED
    )
    links.include(aside, signed_in(request))
    if SetAside.objects.filter(pk=pk).exists():
        messages.info(request, f"{aside.label or 'It'} still cannot come in; the reason is below.")
    else:
        messages.success(request, f"{aside.label or 'It'} came in.")
    return redirect("integrations:skipped")


@require_POST
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Do not sync this one, whatever becomes of its reason (R22). Repeatable."""
    aside = get_object_or_404(SetAside, pk=pk, connection__in=Connection.objects.live())
    links.leave_out(aside)
    messages.success(request, f"{aside.label or 'It'} stays out until somebody includes it.")
    return redirect("integrations:skipped")
