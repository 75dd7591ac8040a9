"""One contact's consent: its card on the page, and what a person does about it (R8)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.forms.consent import OptInForm, UnsubscribeForm
from contacts.models import ConsentEvent, Contact, MarketingStatus
from contacts.services.consent import history
from contacts.services.consent.acting import opt_in, opt_in_again, request_confirmation
from contacts.services.consent.choosing import Act, LeftOut, outlook
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.views.signed_in import person_of

_SOURCE = "Contact's page"

_WHY_NOT_ASKED = {
    LeftOut.NO_ADDRESS: "Without an email address nothing can be sent.",
    LeftOut.ARCHIVED: "Archived contacts are not written to.",
    LeftOut.UNSUBSCRIBED: "Whoever has unsubscribed is not asked.",
    LeftOut.MARKETABLE: "There is nothing left to confirm.",
    LeftOut.ASKED: "One was sent within the last day or is about to be. The next can be sent "
    "a day later.",
}


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """What a contact's page shows: what made the status what it is, and what can be done."""

    settled: ConsentEvent | None
    #: Empty where a confirmation email can be sent.
    not_asked_because: str


def card_of(contact: Contact) -> ConsentCard:
    left_out = list(outlook(_only(contact), Act.ASK).left_out)
    return ConsentCard(
        settled=history.what_settled(contact),
        not_asked_because=_WHY_NOT_ASKED[left_out[0]] if left_out else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def opt_in_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason; whoever unsubscribed comes back only because they asked to."""
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    left_out = outlook(_only(contact), Act.OPT_IN).left_out.keys() - {LeftOut.UNSUBSCRIBED}
    if left_out:
        [why] = left_out
        messages.info(request, f"Nobody is opted in that is {why.label}.")
        return redirect(contact)
    form = OptInForm(
        request.POST if request.method == "POST" else None, status=contact.marketing_status
    )
    if form.is_valid():
        reason, by = form.cleaned_data["reason"], person_of(request)
        if form.unsubscribed:
            done = opt_in_again(contact, reason=reason, by=by, source=_SOURCE)
        else:
            done = bool(opt_in(_only(contact), reason=reason, by=by, source=_SOURCE).reached)
        if done:
            messages.success(request, f"{contact} may get broadcasts now.")
        else:
            messages.error(request, "Nothing was changed: the contact has changed meanwhile.")
        return redirect(contact)
    return render(request, "consent/opt_in.html", {"contact": contact, "form": form})


@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a confirmation email, if one may be sent."""
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    done = request_confirmation(_only(contact), by=person_of(request), source=_SOURCE)
    if done.reached:
        messages.success(request, f"A confirmation email to {contact.email} is on its way.")
    else:
        [why] = done.left_out or [LeftOut.ASKED]
        messages.info(request, f"Nothing was sent. {_WHY_NOT_ASKED[why]}")
    return redirect(contact)


@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks how they said so, then ends all marketing mail to the address."""
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    if not contact.email or contact.marketing_status == MarketingStatus.UNSUBSCRIBED:
        return redirect(contact)
    form = UnsubscribeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        trace = Trace(person_of(request).pk, _SOURCE, reason=form.cleaned_data["reason"])
        unsubscribe(contact.email, trace)
        messages.success(request, f"{contact} gets no more broadcasts.")
        return redirect(contact)
    return render(request, "consent/unsubscribe_contact.html", {"contact": contact, "form": form})


def _only(contact: Contact) -> QuerySet[Contact]:
    return Contact.objects.filter(pk=contact.pk)
