"""The one place from which mail leaves, and the two kinds of it (R8).

*Transactional* mail belongs to something between us and its reader (an invoice, a reminder, an
invitation, the question whether they want our mail) and goes whatever their consent.
*Marketing* mail is everything that goes to many: broadcasts and the steps of the sequence. Its
only way out asks for consent itself, at the moment of sending.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from functools import cached_property
from typing import Any, Literal, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email
from django.template.loader import render_to_string

from contacts.addresses import key_of
from contacts.models import Business, Consent, User
from contacts.services import smtp
from contacts.services.consent.gate import may_receive
from contacts.services.consent.links import unsubscribe_url
from contacts.services.smtp import RefusedError, ServerTroubleError

__all__ = [
    "Attachment",
    "Marketing",
    "NotAllowedError",
    "PostalConnection",
    "RefusedError",
    "ServerTroubleError",
    "Transactional",
    "UndeliverableError",
    "send",
    "send_sample",
]


#: Each is a text about something between us and its reader: `templates/mail/<name>.txt`.
Transactional = Literal["confirmation", "invitation", "invoice", "reconnect_needed", "reminder"]


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


class UndeliverableError(OSError):
    """An address that mail cannot be written to: the other side of a sync keeps any text as one."""


class NotAllowedError(Exception):
    """The holder of the address has not agreed to marketing mail, does not want it any more, or
    is archived."""


@dataclass(frozen=True, slots=True)
class Marketing:
    """A message to one of many. Who we are and how to unsubscribe are added when it is sent."""

    to: str
    subject: str
    text: str
    html: str
    #: What the Message-ID is made of: the same for each attempt.
    key: str
    #: What the consent history calls it once its link to unsubscribe was followed.
    source: str


def send(
    to: str | Sequence[str],
    subject: str,
    template: Transactional,
    context: dict[str, Any] | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Send transactional mail to each address by itself.

    In the business's name; answers go to its own address where it has one. Raises
    UndeliverableError, or what the mail server's library raises (`OSError` all of them); nothing
    is retried here.
    """
    business = Business.current()
    for address in [to] if isinstance(to, str) else to:
        message = _transactional(business, address, subject, template, context or {})
        for attachment in attachments:
            message.attach(attachment.name, attachment.content, attachment.content_type)
        message.send()


def send_sample(person: User, sample: Marketing) -> None:
    """Show one of us the message as it would arrive. It goes to their own address, whatever
    `sample` says, so nobody's consent is in question. Raises like `send`."""
    address = User.objects.values_list("email", flat=True).get(pk=person.pk, is_active=True)
    _multipart(Business.current(), address, f"[Test] {sample.subject}", sample).send()


class PostalConnection:
    """One connection to the mail server for many messages, opened with the first.

    What sends them calls `before_text` once, when nothing but the text is left to be handed over;
    what that raises comes back with nothing sent. UndeliverableError for what is no address.
    RefusedError is the server's answer about this message; after ServerTroubleError it is unknown
    whether it arrived if `before_text` was called.
    """

    def __init__(self) -> None:
        backend = get_connection()
        self._backend = _MarkingBackend() if isinstance(backend, EmailBackend) else backend
        self._used = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send_marketing(self, message: Marketing, before_text: Callable[[], None]) -> None:
        """Send it if consent allows it now. NotAllowedError, and nothing is sent, without."""
        if not may_receive(message.to):
            raise NotAllowedError(message.to)
        self._send(_marketing(self._business, message), before_text)

    def send_transactional(
        self,
        to: str,
        subject: str,
        template: Transactional,
        context: dict[str, Any],
        before_text: Callable[[], None],
    ) -> None:
        """Like `send`, over this connection."""
        message = _transactional(self._business, to, subject, template, context)
        self._send(message, before_text)

    def _send(self, envelope: EmailMessage, before_text: Callable[[], None]) -> None:
        marker = _Marker(before_text)
        try:
            self._hand_over(envelope, marker)
        except ServerTroubleError:
            self._close()
            if marker.passed or not self._used:
                raise
            # The server may well have closed a connection that was idle, or had its share of it.
            self._used = False
            self._hand_over(envelope, marker)
        self._used = True

    @cached_property
    def _business(self) -> Business:
        return Business.current()

    def _hand_over(self, envelope: EmailMessage, marker: _Marker) -> None:
        with smtp.told_apart():
            self._backend.open()
            if isinstance(self._backend, _MarkingBackend):
                self._backend.connection.before_text = marker
            else:
                marker()
            self._backend.send_messages([envelope])

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._backend.close()


class _Marker:
    """`before_text`, and whether it has been called and not failed."""

    def __init__(self, before_text: Callable[[], None]) -> None:
        self._before_text = before_text
        self.passed = False

    def __call__(self) -> None:
        self._before_text()
        self.passed = True


class _MarkingBackend(EmailBackend):
    """Django's, over a connection that says when the text is about to go."""

    connection: smtp.Plain | smtp.Encrypted

    @property
    def connection_class(self) -> type[smtp.Plain | smtp.Encrypted]:
        return smtp.Encrypted if self.use_ssl else smtp.Plain


def _transactional(
    business: Business, to: str, subject: str, template: Transactional, context: dict[str, Any]
) -> EmailMessage:
    body = render_to_string(
        f"mail/{template}.txt",
        {"business": business, "site_url": settings.SITE_URL, **context},
    )
    return EmailMessage(body=body.strip() + "\n", **_envelope(business, to, subject))


def _marketing(business: Business, message: Marketing) -> EmailMessage:
    """The whole message, with the ways to unsubscribe that mailboxes show (RFC 8058)."""
    consent_id = Consent.objects.values_list("pk", flat=True).get(address=key_of(message.to))
    link = unsubscribe_url(consent_id, message.source)
    envelope = _multipart(business, message.to, message.subject, message, link)
    envelope.extra_headers = {
        "Message-ID": f"<{message.key}@{_our_address().rpartition('@')[2]}>",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return envelope


def _multipart(
    business: Business, to: str, subject: str, content: Marketing, unsubscribe_url: str = ""
) -> EmailMultiAlternatives:
    """The content, who we are, and the link to unsubscribe; a test has none."""
    context = {"business": business, "content": content, "unsubscribe_url": unsubscribe_url}
    envelope = EmailMultiAlternatives(
        body=render_to_string("marketing/message.txt", context).strip() + "\n",
        **_envelope(business, to, subject),
    )
    envelope.attach_alternative(render_to_string("marketing/message.html", context), "text/html")
    return envelope


def _envelope(business: Business, to: str, subject: str) -> dict[str, Any]:
    """Sender, recipient and subject. UndeliverableError for what is no address."""
    if not _is_address(to):
        raise UndeliverableError("That is no address to write to.")
    # A line break in a header would end it.
    name = " ".join(business.name.split()) or "crmsync"
    return {
        "subject": " ".join(subject.split()),
        "from_email": formataddr((name, _our_address())),
        "to": [to],
        "reply_to": [business.email] if business.email else None,
    }


def _our_address() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
