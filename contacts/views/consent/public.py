"""Where the links in our mails lead: pages for whoever reads the mail, without signing in (R8).

The signed link is all the authority there is. So these pages need no cookie and no form token,
and work where the browser keeps none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts.identity import identity
from contacts.models import Business
from contacts.services.consent import confirming, unsubscribing
from contacts.services.consent.confirming import Standing
from contacts.services.consent.links import LASTS, ForgedError
from contacts.views.visitor import ip_of

LinkView = Callable[[HttpRequest, str], HttpResponse]


def behind_link(view: LinkView) -> LinkView:
    """A public page for whoever has the link; a plain answer for one that is not ours."""

    @csrf_exempt
    @never_cache
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except ForgedError:
            return _page(request, "unknown_link", status=404)

    return page


@behind_link
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for a press; the press confirms. A link that is too old offers another one."""
    if request.method != "POST":
        return _page(request, _CONFIRM_PAGES[confirming.standing(token)])
    if "again" in request.POST:
        confirming.ask_for_new_link(token, ip=ip_of(request))
        return _page(request, "link_on_its_way")
    confirming.confirm(token, ip=ip_of(request))
    return redirect(request.path)


@behind_link
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for a press; the press unsubscribes, as does the button of a mail program (RFC 8058)."""
    if request.method != "POST":
        return _page(
            request, "unsubscribed" if unsubscribing.is_unsubscribed(token) else "unsubscribe"
        )
    if "by_mistake" in request.POST:
        confirming.ask_to_come_back(token, ip=ip_of(request))
        return _page(request, "link_on_its_way")
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    unsubscribing.unsubscribe_by_link(token, ip=ip_of(request), one_click=one_click)
    return _page(request, "unsubscribed") if one_click else redirect(request.path)


_CONFIRM_PAGES = {
    Standing.OPEN: "confirm",
    Standing.CONFIRMED: "confirmed",
    Standing.EXPIRED: "link_too_old",
    Standing.DEAD: "link_ended",
}


def _page(request: HttpRequest, name: str, status: int = 200) -> HttpResponse:
    context = {
        "sender": identity().name,
        "contact_email": Business.current().email,
        "days": LASTS.days,
    }
    return render(request, f"consent/{name}.html", context, status=status)
