"""The one automated sequence: each step leaves through the same gate as a broadcast (R8).

Contacts enter it when they become marketable, once per address. What goes next is decided when
the step before has gone, so an edited step counts for everybody who has not got it yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from contacts.models import Delivery, Enrolment, Mailing, Sequence, SequenceStep
from contacts.signals import became_marketable, mail_waiting

#: So many contacts take their next step in one transaction.
_TOGETHER: Final = 1000
_UNSETTLED: Final = (Delivery.Status.WAITING, Delivery.Status.HANDED_OVER)
#: After these the rest is not for them either: who has not agreed, and what is no address.
_ENDS: Final = (Delivery.Status.LEFT_OUT, Delivery.Status.FAILED)


@receiver(became_marketable, dispatch_uid="contacts.enrol_in_sequence")
def enrol(risen: Iterable[tuple[int, str]], **_: Any) -> None:
    """Whoever becomes marketable while the sequence is on enters it, if never before."""
    if not Sequence.current().active:
        return
    now = timezone.now()
    Enrolment.objects.bulk_create(
        (
            Enrolment(contact_id=contact_id, address=address, started_at=now, since=now)
            for contact_id, address in risen
        ),
        ignore_conflicts=True,
    )
    mail_waiting.send(Mailing)


def advance() -> None:
    """Let each contact whose last step has gone wait for the next one. Repeatable."""
    if Sequence.current().active:
        while _advance_some():
            pass


def _advance_some() -> bool:
    with transaction.atomic():
        steps = list(SequenceStep.objects.filter(removed_at=None).select_related("mailing"))
        ready = Enrolment.objects.filter(
            Q(current=None) | ~Q(current__status__in=_UNSETTLED),
            outcome=Enrolment.Outcome.UNDER_WAY,
        )
        some = list(
            ready.select_related("current")
            .order_by("pk")
            .select_for_update(of=("self",), skip_locked=True)[:_TOGETHER]
        )
        now = timezone.now()
        deliveries = [
            delivery
            for enrolment in some
            if (delivery := _next_delivery(enrolment, steps, now)) is not None
        ]
        Delivery.objects.bulk_create(deliveries)
        Enrolment.objects.bulk_update(
            some, ["since", "position", "current", "outcome", "ended_at"], batch_size=_TOGETHER
        )
    return bool(some)


def _next_delivery(
    enrolment: Enrolment, steps: Iterable[SequenceStep], now: datetime
) -> Delivery | None:
    """Move it on: to a delivery of its next step, or to its end."""
    last = enrolment.current
    if last is not None and last.settled_at is not None:
        enrolment.since = last.settled_at
    step = next((step for step in steps if step.position > enrolment.position), None)
    enrolment.current = None
    if step is None or (last is not None and last.status in _ENDS):
        left = last is not None and last.status in _ENDS
        outcome = Enrolment.Outcome
        enrolment.outcome = outcome.LEFT if left else outcome.COMPLETED
        enrolment.ended_at = now
        return None
    enrolment.position = step.position
    enrolment.current = Delivery(
        mailing=step.mailing,
        contact_id=enrolment.contact_id,
        address=enrolment.address,
        due_at=enrolment.since + step.delay,
    )
    return enrolment.current
