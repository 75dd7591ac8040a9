"""Coming back from Intuit's authorization page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from integrations import connecting, oauth_state
from integrations.permissions import is_admin, signed_in

STRAY = (
    "This answer from Intuit does not belong to a connection that you began here, or it is too "
    "old. Nothing was changed. Press Connect to begin."
)
CANCELLED = "You cancelled at Intuit. Nothing was connected."
REFUSED = "Intuit did not agree to connect. Nothing was connected. Press Connect again."
INCOMPLETE = "Intuit's answer named no company. Nothing was connected. Press Connect again."
SIGN_IN = "Sign in, then press Connect again. Nothing was connected."


# Public, because sending a stranger to sign in would carry the code along in the address.
@require_GET
@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """Always redirect, never show a page: the address of this one holds a code (facts 1.7)."""
    if request.user.is_authenticated:
        _settle(request)
        response = redirect("integrations:home")
    else:
        messages.info(request, SIGN_IN)
        response = redirect("account_login")
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _settle(request: HttpRequest) -> None:
    """Do what the answer asks for and leave a message. First of all its state is used up."""
    user = signed_in(request)
    told = request.GET
    # Whether a refusal brings the state back is not known (facts 1.2), and it changes nothing.
    bare_refusal = "error" in told and "state" not in told
    if not (bare_refusal or oauth_state.consume(request.session, user, told.get("state", ""))):
        messages.error(request, STRAY)
    elif not is_admin(request):
        messages.error(request, str(connecting.NotAllowed()))
    elif told.get("error") == "access_denied":
        messages.info(request, CANCELLED)
    elif "error" in told:
        messages.error(request, REFUSED)
    elif not (told.get("code") and told.get("realmId")):
        messages.error(request, INCOMPLETE)
    else:
        try:
            connection = connecting.complete(user, code=told["code"], realm=told["realmId"])
        except connecting.ConnectFailed as exc:
            messages.error(request, str(exc))
        else:
            messages.success(request, f"Connected to {connection}.")
