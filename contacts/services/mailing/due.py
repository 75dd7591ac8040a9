"""What is to be sent next, and when a mailing is over."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from contacts.listing.keyset import Order
from contacts.models import Delivery, Mailing

#: The order of a mailing's queue: its index finds any place in it at once.
_QUEUE: Final = Order("due", F("due_at"))
_UNSETTLED = (Delivery.Status.WAITING, Delivery.Status.HANDED_OVER)


def is_any_due() -> bool:
    """Whether something may leave now."""
    return any(_waiting(mailing).exists() for mailing in Mailing.objects.being_sent())


def next_of(mailing: Mailing, after: Delivery | None, number: int) -> list[Delivery]:
    """At most `number` deliveries of the mailing that are due, beyond `after` in its queue."""
    shown = Delivery.objects.select_related("contact").defer("contact__words")
    place = None if after is None else _QUEUE.place_of(after)
    return _QUEUE.rows(shown, _waiting(mailing), place, number)


def line_up_again(delivery: Delivery) -> None:
    """Behind the others: should its address be what makes the mail server hang up, they go
    first."""
    waiting = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.WAITING)
    waiting.update(due_at=Now())


def give_up_unanswered() -> int:
    """Deliveries whose sender died while the mail server had them are uncertain: never repeated
    by themselves. Call it as the only sender; how many there were."""
    return Delivery.objects.filter(status=Delivery.Status.HANDED_OVER).update(
        status=Delivery.Status.UNCERTAIN,
        settled_at=timezone.now(),
        reason="The sending was interrupted while the mail server had the message. "
        "It may have arrived.",
    )


def end_finished() -> None:
    """A broadcast with nothing left to send is over."""
    open_ones = Delivery.objects.filter(mailing=OuterRef("pk"), status__in=_UNSETTLED)
    Mailing.objects.broadcasts().being_sent().order_by().filter(~Exists(open_ones)).update(
        status=Mailing.Status.DONE, ended_at=timezone.now()
    )


def _waiting(mailing: Mailing) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        mailing=mailing, status=Delivery.Status.WAITING, due_at__lte=Now()
    )
