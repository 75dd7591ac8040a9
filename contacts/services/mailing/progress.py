"""How far a mailing has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from contacts.models import Business, Delivery, Mailing, MailSender

#: The rate that is shown is that of the last so many minutes.
_LOOKING_BACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Progress:
    """Numbers of deliveries, as of now."""

    waiting: int
    handed_over: int
    sent: int
    left_out: int
    failed: int
    uncertain: int
    #: Sent a minute, lately.
    rate: float
    #: None while nothing can be said about it.
    time_left: timedelta | None
    #: What is wrong with the mail server; "" while it works.
    trouble: str

    @property
    def counts(self) -> dict[str, int]:
        """By status."""
        return {status.value: getattr(self, status.value) for status in Delivery.Status}

    @property
    def total(self) -> int:
        return self.waiting + self.handed_over + self.settled

    @property
    def settled(self) -> int:
        return self.sent + self.left_out + self.failed + self.uncertain

    @property
    def left(self) -> int:
        return self.waiting + self.handed_over

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.total if self.total else 100


def progress_of(mailing: Mailing) -> Progress:
    """Two or three queries, whatever its size."""
    rows = mailing.deliveries.values_list("status").annotate(number=Count("pk"))
    numbers = dict(rows.order_by())
    counts = {status.value: numbers.get(status, 0) for status in Delivery.Status}
    left = counts["waiting"] + counts["handed_over"]
    rate, time_left, trouble = 0.0, None, ""
    if mailing.status == Mailing.Status.SENDING and left:
        rate = _rate(mailing)
        time_left = timedelta(minutes=left / (rate or Business.current().mails_per_minute))
        trouble = MailSender.objects.values_list("trouble", flat=True).first() or ""
    return Progress(**counts, rate=rate, time_left=None if trouble else time_left, trouble=trouble)


def _rate(mailing: Mailing) -> float:
    now = timezone.now()
    since = now - _LOOKING_BACK
    if mailing.started_at is not None:
        since = max(since, mailing.started_at)
    sent = mailing.deliveries.filter(status=Delivery.Status.SENT, settled_at__gte=since).count()
    return sent / max((now - since).total_seconds() / 60, 1 / 60)
