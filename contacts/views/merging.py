"""Merging two contacts: choose the other one, see what happens, do it (R5)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from contacts.forms.contacts import ContactForm
from contacts.models import Contact, RecordKind
from contacts.record_states import NOT_SYNCED, states_of
from contacts.searching import search
from contacts.services.merging import Merge, merge_contacts, planned
from contacts.views.signed_in import person_of

CHOICES = 20


@require_http_methods(["GET", "HEAD", "POST"])
def contact_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """`pk` is the contact that stays; `other` the one that becomes part of it."""
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    chosen = (request.POST if request.method == "POST" else request.GET).get("other", "")
    other = None
    if chosen.isdecimal() and len(chosen) < 19:
        other = Contact.objects.defer("words").filter(pk=int(chosen)).exclude(pk=pk).first()
    if other is None:
        return _choose(request, contact)
    if request.method == "POST":
        return _merge(request, contact, other)
    return _confirm(request, contact, other)


def _choose(request: HttpRequest, contact: Contact) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:200]
    if request.method == "POST" or request.GET.get("other"):
        messages.error(request, "That contact does not exist any more. Choose another one.")
    # Without a word typed yet, whoever looks most alike comes first.
    wanted = text or contact.last_name or contact.company
    found = Contact.objects.exclude(pk=contact.pk).defer("words").order_by("name", "pk")
    context = {
        "contact": contact,
        "text": text,
        "suggested": not text,
        "found": search(found, wanted)[:CHOICES] if wanted else [],
    }
    return render(request, "contacts/merge_choose.html", context)


def _confirm(request: HttpRequest, contact: Contact, other: Contact) -> HttpResponse:
    plan = planned(contact, other)
    states = states_of(RecordKind.CONTACT, [contact.pk, other.pk])
    context = {
        "contact": contact,
        "other": other,
        "plan": plan,
        "rows": _rows(contact, other, plan),
        "invoices": other.invoices.count(),
        "payments": other.payments.count(),
        "state": states.get(contact.pk, NOT_SYNCED),
        "other_state": states.get(other.pk, NOT_SYNCED),
    }
    return render(request, "contacts/merge_confirm.html", context)


def _merge(request: HttpRequest, contact: Contact, other: Contact) -> HttpResponse:
    name = str(other)
    try:
        survivor = merge_contacts(contact, other, by=person_of(request))
    except Contact.DoesNotExist:
        messages.error(request, "One of the two contacts does not exist any more.")
        return redirect("contacts")
    messages.success(request, f"{name} is now part of {survivor}.")
    return redirect(survivor)


def _rows(contact: Contact, other: Contact, plan: Merge) -> list[dict[str, Any]]:
    """Every field that one of the two holds, with what the contact that stays will hold."""
    return [
        {
            "label": field.label,
            "ours": getattr(contact, name),
            "theirs": getattr(other, name),
            "after": plan.filled[name][1] if name in plan.filled else getattr(contact, name),
            "filled": name in plan.filled,
            "left": name in plan.left,
        }
        for name, field in ContactForm.base_fields.items()
        if getattr(contact, name) or getattr(other, name)
    ]
