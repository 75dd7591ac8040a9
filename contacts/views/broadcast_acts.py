"""What is done to a broadcast: each act a POST, sending asked about first."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.models import Business, Delivery, Mailing
from contacts.services.mailing import audience, broadcasts
from contacts.services.mailing.broadcasts import BroadcastError
from contacts.services.mailing.merge_fields import FieldError
from contacts.views.broadcasts import broadcast_of, mailing_of
from contacts.views.consent.of_many import NUMBERS_CHANGED
from contacts.views.signed_in import person_of


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask with numbers, then send; if they have changed meanwhile, ask again."""
    broadcast = broadcast_of(pk)
    if broadcast.status != Mailing.Status.DRAFT:
        return redirect("broadcast", pk=pk)
    outlook = audience.outlook(broadcast.audience)
    if request.method == "POST":
        if request.POST.get("expected") == str(outlook.reached):
            try:
                broadcasts.send(broadcast, by=person_of(request))
            except BroadcastError as error:
                messages.error(request, str(error))
            return redirect("broadcast", pk=pk)
        messages.error(request, NUMBERS_CHANGED)
    pace = Business.current().mails_per_minute
    context = {
        "broadcast": broadcast,
        "outlook": outlook,
        "left_out": audience.in_words(outlook.passed_over),
        "pace": pace,
        "minutes": -(-outlook.reached // pace),
        "why_not": broadcasts.why_not_sendable(),
    }
    return render(request, "mailing/send.html", context)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """The message in one's own mailbox."""
    broadcast = broadcast_of(pk)
    person = person_of(request)
    try:
        broadcasts.send_test(subject=broadcast.subject, body=broadcast.body, to=person)
    except FieldError as error:
        messages.error(request, str(error))
    except OSError:
        messages.error(request, "The mail server did not take it. Try again in a minute.")
    else:
        messages.success(request, f"A test is on its way to {person.email}.")
    return redirect("broadcast", pk=pk)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda broadcast: broadcasts.pause(broadcast))


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda broadcast: broadcasts.resume(broadcast))


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked about first: what is stopped cannot be resumed."""
    if request.method != "POST":
        broadcast = broadcast_of(pk)
        left = broadcast.deliveries.filter(status=Delivery.Status.WAITING).count()
        return render(request, "mailing/stop.html", {"broadcast": broadcast, "left": left})
    return _act(request, pk, lambda broadcast: broadcasts.stop(broadcast, by=person_of(request)))


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """`status` says which ones: those that are uncertain, or those that failed."""
    mailing = mailing_of(pk)
    try:
        number = broadcasts.send_again(mailing, Delivery.Status(request.POST.get("status", "")))
    except (BroadcastError, ValueError):
        messages.error(request, "Only what is uncertain or failed can be sent again.")
    else:
        several = f"{number:,} messages go" if number != 1 else "One message goes"
        messages.success(request, f"{several} out once more.")
    return redirect(mailing)


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with the same words, opened for editing."""
    draft = broadcasts.copy_as_new(broadcast_of(pk), by=person_of(request))
    messages.success(request, "This is the copy. Nothing is sent yet.")
    return redirect("broadcast_edit", pk=draft.pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    try:
        broadcasts.discard(broadcast_of(pk))
    except BroadcastError as error:
        messages.error(request, str(error))
        return redirect("broadcast", pk=pk)
    messages.success(request, "The draft was deleted.")
    return redirect("broadcasts")


def _act(request: HttpRequest, pk: int, act: Callable[[Mailing], None]) -> HttpResponse:
    act(broadcast_of(pk))
    return redirect("broadcast", pk=pk)
