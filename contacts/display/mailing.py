"""How mailings and their deliveries stand, as people read it."""

from __future__ import annotations

from typing import Final

from django.utils.safestring import SafeString

from contacts.display.badges import badge
from contacts.models import Delivery, Mailing

_MAILINGS: Final = {
    Mailing.Status.DRAFT: ("muted", "draft"),
    Mailing.Status.SENDING: ("waiting", "sync"),
    Mailing.Status.PAUSED: ("held", "pause"),
    Mailing.Status.STOPPED: ("muted", "void"),
    Mailing.Status.DONE: ("ok", "ok"),
}
_DELIVERIES: Final = {
    Delivery.Status.WAITING: ("waiting", "waiting"),
    Delivery.Status.HANDED_OVER: ("waiting", "send"),
    Delivery.Status.SENT: ("ok", "ok"),
    Delivery.Status.LEFT_OUT: ("muted", "skipped"),
    Delivery.Status.FAILED: ("failed", "failed"),
    Delivery.Status.UNCERTAIN: ("held", "held"),
}


def mailing_badge(mailing: Mailing) -> SafeString:
    tone, drawing = _MAILINGS[Mailing.Status(mailing.status)]
    return badge(tone, drawing, mailing.get_status_display())


def delivery_badge(delivery: Delivery) -> SafeString:
    """The reason, where there is one, in the title."""
    tone, drawing = _DELIVERIES[Delivery.Status(delivery.status)]
    return badge(tone, drawing, delivery.get_status_display(), delivery.reason)
