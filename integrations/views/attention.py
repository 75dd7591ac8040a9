"""Needs attention: one list of what wants a person (R23)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_POST, require_safe

from integrations import attention
from integrations.attention_actions import ACTIONS
from integrations.attention_choices import Choice, choices_of
from integrations.attention_wording import WORDING, Button, buttons, remedy, sentence
from integrations.models import Attention
from integrations.permissions import is_admin, signed_in
from integrations.pulling.by_hand import NotPossible

#: Beyond this many the page says how many more there are: nobody works through them in one go.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as the page shows it."""

    item: Attention
    icon: str
    title: str
    sentence: str
    remedy: str
    buttons: list[Button]
    choices: list[Choice]
    #: The choices are what the item is about, with nothing to choose.
    about: bool
    #: Staff see what only an admin can do, and are told so.
    needs_admin: bool


@require_safe
def attention_list(request: HttpRequest) -> HttpResponse:
    items = list(attention.shown_items()[: SHOWN + 1])
    choices = choices_of(items[:SHOWN])
    admin = is_admin(request)
    return render(
        request,
        "integrations/attention.html",
        {
            "entries": [_entry(item, choices.get(item.pk, []), admin) for item in items[:SHOWN]],
            "more": len(items) > SHOWN,
            "shown": SHOWN,
        },
    )


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Press one button of one item. Pressing it a second time says that it is done already."""
    item = attention.shown_items().filter(pk=pk).first()
    if item is None:
        messages.info(request, "That was settled meanwhile.")
        return redirect("integrations:attention")
    offered = {button.action for button in WORDING[item.cause].buttons}
    if action not in offered or action not in ACTIONS:
        raise Http404("There is no such button.")
    if action not in {button.action for button in buttons(item, admin=is_admin(request))}:
        raise PermissionDenied("Only admins may change the connection to QuickBooks.")
    try:
        done = ACTIONS[action](item, signed_in(request), request.POST.dict())
    except NotPossible as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, done)
    return redirect("integrations:attention")


def _entry(item: Attention, choices: list[Choice], admin: bool) -> Entry:
    pressable = buttons(item, admin=admin)
    return Entry(
        item,
        WORDING[item.cause].icon,
        capfirst(item.get_cause_display()),
        sentence(item),
        remedy(item),
        pressable,
        choices,
        about=bool(choices) and not any(button.choices for button in pressable),
        needs_admin=not pressable,
    )
