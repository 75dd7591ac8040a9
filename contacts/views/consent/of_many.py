"""The two lawful ways on for many contacts at once: opted in by hand, or asked by email (R8).

The contacts are those ticked in the list (`?id=`), else those that fit the list's filter. The page
says how many an act reaches and whom it leaves out; if that changed meanwhile, it asks again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from contacts.filters import ContactFilter
from contacts.forms.consent import OptInForm
from contacts.models import Contact
from contacts.services.consent.acting import opt_in, request_confirmation
from contacts.services.consent.choosing import Act, Outlook, outlook
from contacts.views.signed_in import person_of

_SOURCE = "List of contacts"
NUMBERS_CHANGED = "The numbers have changed meanwhile. Look at them and press again."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The contacts that are meant, in words, and the list they were chosen in."""

    contacts: QuerySet[Contact]
    words: str
    list_url: str


class UnknownChoiceError(ValueError):
    """The address holds a filter or ticks that do not exist; all contacts are not meant by that."""


@require_http_methods(["GET", "HEAD", "POST"])
def opt_in_many(request: HttpRequest) -> HttpResponse:
    form = OptInForm(request.POST if request.method == "POST" else None)
    return _act(request, Act.OPT_IN, form)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_many(request: HttpRequest) -> HttpResponse:
    form = forms.Form(request.POST if request.method == "POST" else None)
    return _act(request, Act.ASK, form)


def _act(request: HttpRequest, act: Act, form: forms.Form) -> HttpResponse:
    try:
        chosen = chosen_contacts(request)
    except UnknownChoiceError:
        messages.error(request, "That choice does not exist. Choose the contacts again.")
        return redirect("contacts")
    ahead = outlook(chosen.contacts, act)
    if form.is_valid():
        if request.POST.get("expected") == str(ahead.reached):
            done = _do(request, act, chosen.contacts, form.cleaned_data)
            messages.success(request, _said(act, done))
            return redirect(chosen.list_url)
        form.add_error(None, NUMBERS_CHANGED)
    template = "opt_in_many" if act == Act.OPT_IN else "ask_many"
    context = {"chosen": chosen, "outlook": ahead, "form": form}
    return render(request, f"consent/{template}.html", context)


def _do(
    request: HttpRequest, act: Act, contacts: QuerySet[Contact], said: dict[str, Any]
) -> Outlook:
    by = person_of(request)
    if act == Act.OPT_IN:
        return opt_in(contacts, reason=said["reason"], by=by, source=_SOURCE)
    return request_confirmation(contacts, by=by, source=_SOURCE)


def _said(act: Act, done: Outlook) -> str:
    number, several = done.reached, done.reached != 1
    if act == Act.OPT_IN:
        return f"{number:,} contact{'s' if several else ''} may get broadcasts now."
    are = "confirmation emails are" if several else "confirmation email is"
    return f"{number:,} {are} on the way. They leave one after the other."


def chosen_contacts(request: HttpRequest) -> Chosen:
    """The contacts that the address means. Raises UnknownChoiceError."""
    ids = {int(i) for i in request.GET.getlist("id") if i.isdecimal() and len(i) < 19}
    filters = ContactFilter(request.GET, queryset=Contact.objects.all(), request=request)
    if not filters.form.is_valid() or ("id" in request.GET and not ids):
        raise UnknownChoiceError
    narrowed = {name: request.GET[name] for name in filters.form.fields if request.GET.get(name)}
    list_url = f"{reverse('contacts')}?{_query(narrowed)}" if narrowed else reverse("contacts")
    if ids:
        several = "s" if len(ids) != 1 else ""
        ticked = Contact.objects.filter(pk__in=ids)
        return Chosen(ticked, f"{len(ids):,} ticked contact{several}", list_url)
    words = "All contacts that fit the list’s filter" if narrowed else "All contacts"
    return Chosen(filters.qs, words, list_url)


def _query(values: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(values)
    return query.urlencode()
