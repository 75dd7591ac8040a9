"""Broadcasts: list, form, page, recipients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from contacts.display.mailing import delivery_badge, mailing_badge
from contacts.filters import ContactFilter
from contacts.forms.mailing import MailingForm
from contacts.listing import Column, Export, link, page, text, when
from contacts.mailing_filters import BroadcastFilter, RecipientFilter
from contacts.models import Delivery, Mailing
from contacts.services.mailing import audience, broadcasts
from contacts.services.mailing.broadcasts import BroadcastError
from contacts.services.mailing.progress import progress_of
from contacts.views.mailing_preview import preview_of
from contacts.views.signed_in import person_of

RECIPIENT_COLUMNS = ("address", "name", "status", "reason", "handed_over_at", "settled_at")


def _recipient(delivery: Delivery) -> SafeString:
    """The address, which leads to the contact while there is one."""
    if delivery.contact is None:
        return format_html('<span class="whole">{}</span>', delivery.address)
    return format_html(
        '<div class="name"><a class="row-link" href="{}">{}</a></div>',
        delivery.contact.get_absolute_url(),
        delivery.address,
    )


def _reason(delivery: Delivery) -> SafeString:
    return format_html('<span class="soft">{}</span>', delivery.reason)


COLUMNS = (
    Column("subject", "Subject", link("broadcast")),
    Column("status", "Status", mailing_badge),
    Column("recipients", "Recipients", text("recipients"), numeric=True),
    Column("sent", "Sent", text("sent"), numeric=True, hide="phone"),
    Column("by", "By", text("created_by"), hide="tablet"),
    Column("started", "Started", when("started_at"), hide="tablet"),
    Column("newest", "Written", when("created_at"), sort="created_at", hide="phone"),
)
DELIVERY_COLUMNS = (
    Column("address", "Address", _recipient, sort=Lower("address")),
    Column("status", "Status", delivery_badge),
    Column("reason", "Why", _reason, hide="phone"),
    Column("settled", "When", when("settled_at"), hide="tablet"),
)


@require_safe
def broadcast_list(request: HttpRequest) -> HttpResponseBase:
    return page(
        request,
        Mailing.objects.broadcasts().select_related("created_by"),
        BroadcastFilter,
        columns=COLUMNS,
        template="mailing/broadcasts.html",
        sort="-newest",
        noun=("broadcast", "broadcasts"),
        decorate=_count,
        extra={"empty_template": "mailing/broadcasts_empty.html", "tab": "broadcasts"},
    )


@require_safe
def broadcast_detail(request: HttpRequest, pk: int) -> HttpResponse:
    broadcast = broadcast_of(pk)
    context: dict[str, Any] = {
        "broadcast": broadcast,
        "preview": preview_of(broadcast.subject, broadcast.body, broadcast.audience),
        "audience": _audience_in_words(broadcast.audience),
    }
    if broadcast.status == Mailing.Status.DRAFT:
        context |= {
            "outlook": audience.outlook(broadcast.audience),
            "why_not": broadcasts.why_not_sendable(),
        }
    else:
        context |= progress_context(broadcast)
    return render(request, "mailing/broadcast.html", context)


@require_safe
def broadcast_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page asks for again while it is being sent."""
    return render(request, "mailing/progress.html", progress_context(broadcast_of(pk)))


@require_http_methods(["GET", "HEAD", "POST"])
def broadcast_new(request: HttpRequest) -> HttpResponse:
    """The contact list's filters in the address choose the audience to begin with."""
    return _edit(request, None, request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
def broadcast_edit(request: HttpRequest, pk: int) -> HttpResponse:
    broadcast = broadcast_of(pk)
    if broadcast.status != Mailing.Status.DRAFT:
        messages.error(request, "It has been sent and cannot be changed. Copy it as new.")
        return redirect("broadcast", pk=pk)
    return _edit(request, broadcast, QueryDict(broadcast.audience))


@require_safe
def recipients(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Of a broadcast, or of a step of the sequence."""
    mailing = mailing_of(pk)
    return page(
        request,
        mailing.deliveries.select_related("contact").defer("contact__words"),
        RecipientFilter,
        columns=DELIVERY_COLUMNS,
        template="mailing/recipients.html",
        sort="address",
        noun=("recipient", "recipients"),
        export=Export("recipients", RECIPIENT_COLUMNS, _recipient_rows),
        extra={"mailing": mailing},
    )


def mailing_of(pk: int) -> Mailing:
    return get_object_or_404(Mailing.objects.with_recipients(), pk=pk)


def broadcast_of(pk: int) -> Mailing:
    people = ("created_by", "started_by")
    return get_object_or_404(Mailing.objects.broadcasts().select_related(*people), pk=pk)


def progress_context(broadcast: Mailing) -> dict[str, Any]:
    return {
        "broadcast": broadcast,
        "progress": progress_of(broadcast),
        "passed_over": audience.in_words(broadcast.passed_over),
    }


def _edit(request: HttpRequest, broadcast: Mailing | None, query: QueryDict) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    known = broadcast or Mailing()
    initial = {"subject": known.subject, "body": known.body, "entered_as": known.entered_as}
    form = MailingForm(posted, initial=initial)
    chosen = ContactFilter(query if posted is None else posted)
    given = posted.urlencode() if posted is not None else query.urlencode()
    if posted is not None and "preview" not in posted and form.is_valid() and chosen.is_valid():
        fields = {
            "subject": form.cleaned_data["subject"],
            "body": form.cleaned_data["body"],
            "audience": audience.tidy(given),
        }
        try:
            if broadcast is None:
                entered_as = form.cleaned_data["entered_as"]
                broadcast = broadcasts.write(**fields, by=person_of(request), entered_as=entered_as)
            else:
                broadcasts.rewrite(broadcast, **fields)
        except BroadcastError as error:
            messages.error(request, str(error))
            return redirect("broadcasts")
        return redirect("broadcast", pk=broadcast.pk)
    context = {
        "form": form,
        "filter": chosen,
        "broadcast": broadcast,
        "preview": preview_of(
            str(form["subject"].value() or ""), str(form["body"].value() or ""), given
        ),
        "outlook": audience.outlook(audience.tidy(given)),
    }
    return render(request, "mailing/broadcast_form.html", context)


def _audience_in_words(query: str) -> list[tuple[str, str]]:
    """Each filter that narrows it: its label and what was chosen."""
    form = ContactFilter(QueryDict(query)).form
    form.is_valid()
    return [
        (str(field.label), str(dict(getattr(field.field, "choices", ())).get(value, value)))
        for field in form
        if (value := form.cleaned_data.get(field.name)) not in ("", None)
    ]


def _count(rows: list[Mailing]) -> None:
    counts: dict[int, dict[str, int]] = {row.pk: {} for row in rows}
    found = Delivery.objects.filter(mailing__in=counts).values_list("mailing", "status")
    for mailing, status, number in found.annotate(number=Count("pk")).order_by():
        counts[mailing][status] = number
    for row in rows:
        numbers = counts[row.pk]
        row.recipients = f"{sum(numbers.values()):,}" if numbers else ""  # type: ignore[attr-defined]
        row.sent = f"{numbers.get('sent', 0):,}" if numbers else ""  # type: ignore[attr-defined]


def _recipient_rows(deliveries: Sequence[Delivery]) -> Iterator[tuple[object, ...]]:
    for each in deliveries:
        yield (
            each.address,
            str(each.contact or ""),
            each.status,
            each.reason,
            each.handed_over_at.isoformat() if each.handed_over_at else "",
            each.settled_at.isoformat() if each.settled_at else "",
        )
