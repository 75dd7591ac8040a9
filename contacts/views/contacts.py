"""Contacts: list, page, form, archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, Q, Sum, When
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.clock import today
from contacts.display import marketing_badge
from contacts.exports import CONTACT_COLUMNS, contact_rows
from contacts.filters import ContactFilter
from contacts.forms.contacts import ContactForm
from contacts.identity import identity
from contacts.listing import Column, Export, link, page, state, when
from contacts.models import Contact, Invoice, RecordKind
from contacts.record_states import NOT_SYNCED, panel_of, states_of
from contacts.services.contacts import (
    EmailTakenError,
    archive_contact,
    create_contact,
    unarchive_contact,
    update_contact,
)
from contacts.views.consent.banner import consent_banner
from contacts.views.consent.of_contact import card_of
from contacts.views.history import history_of
from contacts.views.signed_in import person_of

_LINK = link("contact")


def _email(contact: Contact) -> SafeString:
    """The whole address: cut ones look alike."""
    return format_html('<span class="whole">{}</span>', contact.email or "–")


def _name(contact: Contact) -> SafeString:
    """The name as the row's link, and before it the tick that chooses it for what many get."""
    return format_html(
        '<input class="tick above" type="checkbox" name="id" value="{}"'
        ' form="chosen" aria-label="Choose {}">{}',
        contact.pk,
        contact,
        _LINK(contact),
    )


COLUMNS = (
    Column("name", "Name", _name, sort=Lower("name")),
    Column("email", "Email", _email, sort=Lower("email")),
    Column("company", "Company", sort=Lower("company"), hide="phone"),
    Column("phone", "Phone", hide="narrow"),
    Column("marketing_status", "Marketing", marketing_badge, hide="narrow"),
    Column("state", "QuickBooks", state),
    Column("newest", "Added", when("created_at"), sort="created_at", hide="tablet"),
)

#: Rows of the tables on a contact's page; the lists show the rest.
ROWS = 10


@require_safe
def contact_list(request: HttpRequest) -> HttpResponseBase:
    return page(
        request,
        Contact.objects.defer("words"),
        ContactFilter,
        columns=COLUMNS,
        template="contacts/list.html",
        sort="name",
        noun=("contact", "contacts"),
        kind=RecordKind.CONTACT,
        export=Export("contacts", CONTACT_COLUMNS, contact_rows),
        extra={
            "empty_template": "contacts/empty.html",
            "acts_template": "contacts/acts.html",
            # Asked for by whole pages only.
            "consent_banner": partial(consent_banner, request),
        },
    )


@require_safe
def contact_detail(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    invoices = contact.invoices.defer("words").order_by("-issue_date", "-id")
    payments = contact.payments.order_by("-date", "-id").prefetch_related("allocations__invoice")
    context = {
        "contact": contact,
        "state": states_of(RecordKind.CONTACT, [pk]).get(pk, NOT_SYNCED),
        "consent": card_of(contact),
        "panel": panel_of(request, RecordKind.CONTACT, contact),
        "sums": _sums_of(contact),
        "invoices": invoices[:ROWS],
        "payments": payments[:ROWS],
        "payment_count": contact.payments.count(),
        "history": history_of(request, RecordKind.CONTACT, contact),
    }
    return render(request, "contacts/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            contact = create_contact(form.changes, by=person_of(request))
        except EmailTakenError as error:
            form.refuse_taken(error)
        else:
            messages.success(request, f"{contact} was added.")
            return redirect(contact)
    return render(request, "contacts/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    form = ContactForm(request.POST if request.method == "POST" else None, record=contact)
    if form.is_valid():
        try:
            changed = update_contact(contact, form.changes, by=person_of(request))
        except EmailTakenError as error:
            form.refuse_taken(error)
        else:
            messages.success(request, form.outcome(changed))
            return redirect(contact)
    return render(request, "contacts/form.html", {"form": form, "contact": contact})


@require_POST
def contact_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """`archived=no` brings it back; anything else archives it. Repeatable."""
    contact = get_object_or_404(Contact, pk=pk)
    if request.POST.get("archived") == "no":
        unarchive_contact(contact, by=person_of(request))
        messages.success(request, f"{contact} is back in the lists.")
    else:
        archive_contact(contact, by=person_of(request))
        messages.success(request, f"{contact} was archived. Nothing changed in QuickBooks.")
    return redirect(contact)


def _sums_of(contact: Contact) -> Iterable[Mapping[str, Any]]:
    """Per currency, home first: number, total and balance of what was issued, how much is late."""
    late = Q(balance__gt=0, due_date__lt=today())
    return (
        Invoice.objects.filter(contact=contact, voided_at=None, sent_at__isnull=False)
        .values("currency")
        .annotate(
            count=Count("pk"),
            invoiced=Sum("total"),
            open=Sum("balance"),
            overdue=Sum("balance", filter=late),
        )
        .order_by(Case(When(currency=identity().currency, then=0), default=1), "currency")
    )
