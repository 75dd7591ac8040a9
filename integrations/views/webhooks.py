"""Where Intuit delivers its webhooks."""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations import webhook_intake
from integrations.models import DailyCount
from integrations.quickbooks import webhooks

logger = logging.getLogger(__name__)

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of a delivery; about 5,000 events. Intuit names no limit (facts 3.3)."""


@csrf_exempt
@require_POST
@login_not_required
def receive(request: HttpRequest) -> HttpResponse:
    """Answer 200 once the events are stored: 401 for a body that Intuit did not sign.

    A signed body that cannot be understood gets 200 too: Intuit would send it again for days, and
    hold back what comes after it. The poll finds what it was about.
    """
    body = _body(request)
    if body is None:
        return HttpResponse(status=413)
    signature = request.headers.get("intuit-signature")
    token = settings.INTUIT_WEBHOOK_VERIFIER_TOKEN
    if not webhooks.signature_is_valid(body, signature, token):
        DailyCount.add(DailyCount.Name.BAD_SIGNATURES)
        return HttpResponse(status=401)
    try:
        events = webhooks.parse(body)
    except webhooks.MalformedDelivery as exc:
        logger.warning("A signed webhook delivery could not be read: %s", exc)
    else:
        webhook_intake.take_in(events)
    return HttpResponse(status=200)


def _body(request: HttpRequest) -> bytes | None:
    """The raw bytes, None for more than LARGEST; those are not read to their end."""
    length = request.META.get("CONTENT_LENGTH")
    if not length and request.META.get("wsgi.input_terminated"):
        # Sent in chunks: Django takes a body without a length for an empty one.
        body: bytes = request.META["wsgi.input"].read(LARGEST + 1)
        return body if len(body) <= LARGEST else None
    return request.body if int(length or 0) <= LARGEST else None
