"""The one place from which mail leaves.

Mail to contacts that is not asked for (broadcasts, sequences) must pass the consent check before
it comes here (R8); this module only writes and sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.template.loader import render_to_string

from contacts.models import Business


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes
    content_type: str


class UndeliverableError(OSError):
    """An address that mail cannot be written to: the other side of a sync keeps any text as one."""


def send(
    to: str | Sequence[str],
    subject: str,
    template: str,
    context: dict[str, Any] | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Send `templates/mail/<template>.txt`, in the business's name, to each address by itself.

    Answers go to the business's own address where it has one. Raises UndeliverableError, or what
    the mail server's library raises (`OSError` all of them); nothing is retried here.
    """
    business = Business.current()
    body = render_to_string(
        f"mail/{template}.txt",
        {"business": business, "site_url": settings.SITE_URL, **(context or {})},
    )
    # A line break in a header would end it.
    name = " ".join(business.name.split()) or "crmsync"
    sender = formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    for address in [to] if isinstance(to, str) else to:
        if not _is_address(address):
            raise UndeliverableError("That is no address to write to.")
        message = EmailMessage(
            subject=" ".join(subject.split()),
            body=body.strip() + "\n",
            from_email=sender,
            to=[address],
            reply_to=[business.email] if business.email else None,
        )
        for attachment in attachments:
            message.attach(attachment.name, attachment.content, attachment.content_type)
        message.send()


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
