"""The signed links in mails. They carry a number and no address; only we can make them."""

from __future__ import annotations

import datetime
import uuid
from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from contacts.models import Consent

#: So long a confirmation email can be answered.
LASTS: Final = datetime.timedelta(days=14)

_CONFIRM: Final = "contacts.consent.confirm"
_UNSUBSCRIBE: Final = "contacts.consent.unsubscribe"


class ForgedError(Exception):
    """No link of ours, or not as it was sent."""


class ExpiredError(Exception):
    """A link of ours that is too old by now."""


def confirm_url(consent: Consent) -> str:
    """Where the holder of the address confirms what was last requested."""
    token = signing.dumps([consent.pk, str(consent.request)], salt=_CONFIRM)
    return _absolute("confirm", token)


def unsubscribe_url(consent_id: int, source: str = "") -> str:
    """Where the holder of the address takes it back; it never expires.

    `source` says in the history which mail the link was in.
    """
    token = signing.dumps([consent_id, source], salt=_UNSUBSCRIBE, compress=True)
    return _absolute("unsubscribe", token)


def read_confirm(token: str, *, expired_too: bool = False) -> tuple[int, uuid.UUID]:
    """The consent's id and the request that the link answers. ForgedError, ExpiredError."""
    lasts = None if expired_too else LASTS
    try:
        consent_id, request = signing.loads(token, salt=_CONFIRM, max_age=lasts)
    except signing.SignatureExpired as error:
        raise ExpiredError from error
    except signing.BadSignature as error:
        raise ForgedError from error
    return consent_id, uuid.UUID(request)


def read_unsubscribe(token: str) -> tuple[int, str]:
    """The consent's id and the mail the link was in. ForgedError."""
    try:
        consent_id, source = signing.loads(token, salt=_UNSUBSCRIBE)
    except signing.BadSignature as error:
        raise ForgedError from error
    return consent_id, source


def _absolute(name: str, token: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=[token])}"
