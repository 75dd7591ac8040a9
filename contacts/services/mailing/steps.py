"""What a person does with the sequence and its steps. Each function is one transaction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from contacts.models import Delivery, Mailing, Sequence, SequenceStep, User
from contacts.services.mailing.broadcasts import BroadcastError, why_not_sendable
from contacts.signals import mail_waiting

_Status = Mailing.Status


def steps() -> list[SequenceStep]:
    """Those that contacts go through, in their order, with their texts."""
    return list(SequenceStep.objects.filter(removed_at=None).select_related("mailing"))


def switch(on: bool, *, by: User) -> None:
    """Let steps leave, or hold them all back; whoever is under way stays so. Repeatable.

    BroadcastError without steps, or when `why_not_sendable` says something.
    """
    with transaction.atomic():
        Sequence.objects.get_or_create(pk=1)
        sequence = Sequence.objects.select_for_update().get(pk=1)
        if on and not steps():
            raise BroadcastError("Write the first step before switching the sequence on.")
        if on and (why_not := why_not_sendable()):
            raise BroadcastError(why_not)
        sequence.active, sequence.changed_by = on, by
        sequence.save()
        held, leaving = _Status.PAUSED, _Status.SENDING
        Mailing.objects.filter(kind=Mailing.Kind.STEP, status=held if on else leaving).update(
            status=leaving if on else held
        )
        if on:
            mail_waiting.send(Mailing)


def add_step(
    *, subject: str, body: str, delay: timedelta, by: User, entered_as: UUID | None = None
) -> None:
    """A step after all others. Entered twice under one `entered_as`, it is one step."""
    with transaction.atomic():
        Sequence.objects.get_or_create(pk=1)
        active = Sequence.objects.select_for_update().get(pk=1).active
        last = SequenceStep.objects.aggregate(last=Max("position"))["last"] or 0
        mailing, is_new = Mailing.objects.get_or_create(
            entered_as=entered_as or uuid4(),
            defaults={
                "kind": Mailing.Kind.STEP,
                "status": _Status.SENDING if active else _Status.PAUSED,
                "subject": subject,
                "body": body,
                "created_by": by,
                "started_at": timezone.now(),
                "started_by": by,
            },
        )
        if is_new:
            SequenceStep.objects.create(mailing=mailing, position=last + 1, delay=delay)


def change_step(step: SequenceStep, *, subject: str, body: str, delay: timedelta) -> None:
    """For everybody who has not got it yet, whoever already waits for it included."""
    with transaction.atomic():
        current = SequenceStep.objects.select_for_update().get(pk=step.pk)
        Mailing.objects.filter(pk=current.mailing_id).update(subject=subject, body=body)
        waiting = Delivery.objects.filter(mailing=current.mailing_id, put_off=0)
        waiting.filter(status=Delivery.Status.WAITING).update(
            due_at=F("due_at") + (delay - current.delay)
        )
        current.delay = delay
        current.save(update_fields=["delay"])
        mail_waiting.send(Mailing)


def remove_step(step: SequenceStep) -> None:
    """Nobody gets it any more; whoever waited for it goes on with the next. Repeatable."""
    with transaction.atomic():
        now = timezone.now()
        live = SequenceStep.objects.filter(pk=step.pk, removed_at=None)
        if live.update(removed_at=now):
            Mailing.objects.filter(pk=step.mailing_id).update(status=_Status.STOPPED, ended_at=now)
            Delivery.objects.filter(
                mailing=step.mailing_id, status=Delivery.Status.WAITING
            ).delete()
            mail_waiting.send(Mailing)
