"""What became of a delivery, in the words that people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from contacts.addresses import key_of
from contacts.models import Consent, Contact, Delivery, MarketingStatus

#: After each refusal "for now", how long until it is tried again; then it has failed.
_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 120, 480, 960))

_WHY_LEFT_OUT: Final = {
    MarketingStatus.UNSUBSCRIBED: "Unsubscribed.",
    MarketingStatus.WAITING: "Has not confirmed yet.",
    MarketingStatus.NON_MARKETABLE: "Has not agreed to get mail.",
}
_STOPPED: Final = "The broadcast was stopped before the mail server took it."
REFUSED: Final = "The mail server does not deliver to this address."
NO_ADDRESS: Final = "This is no address that mail can be sent to."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be stored about one delivery."""

    delivery: Delivery
    status: Delivery.Status
    reason: str = ""
    #: When it is tried again; only for one that waits.
    due_at: datetime | None = None

    def store(self) -> None:
        """Unless somebody has settled it otherwise meanwhile."""
        live = Delivery.objects.filter(
            pk=self.delivery.pk,
            status__in=(Delivery.Status.WAITING, Delivery.Status.HANDED_OVER),
        )
        now = timezone.now()
        if self.due_at is None:
            live.update(status=self.status, reason=self.reason, settled_at=now)
            return
        waits = live.filter(mailing__ended_at=None).update(
            status=self.status,
            reason=self.reason,
            due_at=self.due_at,
            put_off=self.delivery.put_off + 1,
        )
        if not waits:
            live.update(status=Delivery.Status.LEFT_OUT, reason=_STOPPED, settled_at=now)


def sent(delivery: Delivery) -> Outcome:
    return Outcome(delivery, Delivery.Status.SENT)


def left_out(delivery: Delivery) -> Outcome:
    """The gate was asked and the answer was no."""
    key = key_of(delivery.address)
    if Contact.objects.filter(email__lower=key, archived_at__isnull=False).exists():
        return Outcome(delivery, Delivery.Status.LEFT_OUT, "Archived.")
    status = Consent.objects.filter(address=key).values_list("status")
    [known] = status.first() or (MarketingStatus.NON_MARKETABLE,)
    # Whoever confirmed in the instant since then was asked too early all the same.
    why = _WHY_LEFT_OUT.get(MarketingStatus(known), _WHY_LEFT_OUT[MarketingStatus.WAITING])
    return Outcome(delivery, Delivery.Status.LEFT_OUT, why)


def no_address(delivery: Delivery) -> Outcome:
    return Outcome(delivery, Delivery.Status.FAILED, NO_ADDRESS)


def refused(delivery: Delivery, *, permanent: bool) -> Outcome:
    """By the mail server: for good, or for now."""
    if permanent:
        return Outcome(delivery, Delivery.Status.FAILED, REFUSED)
    if delivery.put_off >= len(_PAUSES):
        why = "The mail server kept putting it off for more than a day."
        return Outcome(delivery, Delivery.Status.FAILED, why)
    return Outcome(
        delivery,
        Delivery.Status.WAITING,
        "The mail server asked to try again later.",
        timezone.now() + _PAUSES[delivery.put_off],
    )


def unanswered(delivery: Delivery) -> Outcome:
    """The mail server went silent while it had the message."""
    why = "The mail server did not answer when it had the message. It may have arrived."
    return Outcome(delivery, Delivery.Status.UNCERTAIN, why)
