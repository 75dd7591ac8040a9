"""Needs attention: one list of what wants a person (R23)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from integrations import attention
from integrations.attention_actions import ACTIONS
from integrations.attention_entries import entries_of
from integrations.attention_wording import WORDING, buttons
from integrations.permissions import is_admin, signed_in
from integrations.pulling.by_hand import NotPossible
from integrations.way_back import back

#: Beyond this many the page says how many more there are: nobody works through them in one go.
SHOWN = 100


@require_safe
def attention_list(request: HttpRequest) -> HttpResponse:
    items = list(attention.shown_items()[: SHOWN + 1])
    return render(
        request,
        "integrations/attention.html",
        {
            "entries": entries_of(items[:SHOWN], admin=is_admin(request)),
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
        return back(request, "integrations:attention")
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
    return back(request, "integrations:attention")
