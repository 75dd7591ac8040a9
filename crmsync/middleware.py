"""What every response carries: browser policies, privacy of pages, messages over htmx."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Device features that no page of ours uses.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


# A business's logo (512 kB) and a webhook delivery (2 MB) fit; a form is far smaller.
LARGEST_BODY = 3 * 1024 * 1024


class BodyLimitMiddleware:
    """Refuses large bodies unread: of uploads Django limits what stays in memory only, and it
    reads them for the form's token before anybody asks who sent them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Without a length (sent in chunks) Django reads nothing; the webhook counts for itself.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return HttpResponse("That is too large.\n", status=413, content_type="text/plain")
        return self.get_response(request)


class BrowserPolicyMiddleware:
    """Declines the device features that no page uses. (Referrer-Policy is Django's own.)"""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp, and forms may lead to the page where a company's admin agrees to the connection.

    Browsers hold the redirects that follow a form to `form-action` too.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        parts.update = {**(parts.update or {}), "form-action": [authorization_origin()]}
        return parts


def authorization_origin() -> str:
    """Scheme and host of the authorization page that goes with the discovery document in use."""
    discovery = urlsplit(settings.INTUIT_DISCOVERY_URL)
    if discovery.hostname == "developer.intuit.com":
        return "https://appcenter.intuit.com"
    return f"{discovery.scheme}://{discovery.netloc}"


class PrivatePagesMiddleware:
    """Pages of signed-in people stay in no cache: no proxy's, nor the browser's after sign-out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class ToastMiddleware:
    """Lets messages arrive with htmx's partial answers, which carry no page to show them on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and self._swaps_html(request, response):
            messages = list(get_messages(request))
            if messages:
                context = {"messages": messages}
                toasts = render_to_string("partials/toasts_oob.html", context, request)
                response.content += response.make_bytes(toasts)
        return response

    @staticmethod
    def _swaps_html(request: HttpRequest, response: HttpResponse) -> bool:
        # A redirect, by status or by htmx's header, keeps its messages for the page it leads to.
        return (
            bool(getattr(request, "htmx", False))
            and response.status_code not in {204, 286, 301, 302, 303, 307, 308}
            and response.headers.get("Content-Type", "").startswith("text/html")
            and not {"HX-Redirect", "HX-Location", "HX-Refresh"} & set(response.headers)
        )
