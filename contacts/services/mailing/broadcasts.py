"""What a person does with a broadcast. Each function is one transaction."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from contacts.models import Business, Delivery, Mailing, User
from contacts.services import mail
from contacts.services.mailing import audience
from contacts.services.mailing.merge_fields import values_of
from contacts.services.mailing.text import Text
from contacts.signals import mail_waiting

_Status = Mailing.Status
_OPEN: Final = (_Status.SENDING, _Status.PAUSED)


class BroadcastError(Exception):
    """What was asked for cannot be done; the message tells people why."""


def write(
    *, subject: str, body: str, audience: str, by: User, entered_as: UUID | None = None
) -> Mailing:
    """A draft. Entered twice under one `entered_as`, it is one draft."""
    fields = {"subject": subject, "body": body, "audience": audience, "created_by": by}
    if entered_as is None:
        return Mailing.objects.create(**fields)
    return Mailing.objects.get_or_create(entered_as=entered_as, defaults=fields)[0]


def rewrite(broadcast: Mailing, *, subject: str, body: str, audience: str) -> None:
    """Change a draft. BroadcastError for what has been sent."""
    drafts = Mailing.objects.broadcasts().filter(pk=broadcast.pk, status=_Status.DRAFT)
    if not drafts.update(subject=subject, body=body, audience=audience):
        raise BroadcastError("It is being sent already and cannot be changed. Copy it as new.")


def discard(broadcast: Mailing) -> None:
    """Remove a draft. Repeatable; BroadcastError for what has been sent."""
    if Mailing.objects.filter(pk=broadcast.pk).exclude(status=_Status.DRAFT).exists():
        raise BroadcastError("It is being sent already: it can be stopped, not deleted.")
    Mailing.objects.filter(pk=broadcast.pk, status=_Status.DRAFT).delete()


def copy_as_new(broadcast: Mailing, *, by: User) -> Mailing:
    """A draft with the same words for the same audience."""
    return write(subject=broadcast.subject, body=broadcast.body, audience=broadcast.audience, by=by)


def why_not_sendable() -> str:
    """Why no marketing mail may leave this business yet; "" when it may.

    The law of most countries wants the sender's name and postal address in each.
    """
    business = Business.current()
    missing = [
        words
        for value, words in ((business.name, "name"), (business.address, "postal address"))
        if not value.strip()
    ]
    if not missing:
        return ""
    are = "is" if len(missing) == 1 else "are"
    return (
        f"Broadcasts must tell who sends them: the {' and the '.join(missing)} of the business "
        f"{are} missing."
    )


def send(broadcast: Mailing, *, by: User) -> bool:
    """Write down who gets it and let it go in the background; False when it went before.

    However often it is pressed, it is sent once. BroadcastError when nobody would get it, or
    `why_not_sendable` says something.
    """
    if why_not := why_not_sendable():
        raise BroadcastError(why_not)
    with transaction.atomic():
        drafts = Mailing.objects.broadcasts().filter(pk=broadcast.pk, status=_Status.DRAFT)
        now = timezone.now()
        if not drafts.update(status=_Status.SENDING, started_at=now, started_by=by):
            return False
        current = Mailing.objects.get(pk=broadcast.pk)
        current.passed_over = audience.outlook(current.audience).passed_over
        current.save(update_fields=["passed_over"])
        if not audience.write_down(current):
            raise BroadcastError("Nobody in this audience has agreed to get broadcasts.")
        mail_waiting.send(Mailing)
    return True


def pause(broadcast: Mailing) -> None:
    """Nothing more leaves until it is resumed; the message that is just going out does."""
    _move(broadcast, (_Status.SENDING,), _Status.PAUSED)


def resume(broadcast: Mailing) -> None:
    with transaction.atomic():
        _move(broadcast, (_Status.PAUSED,), _Status.SENDING)
        mail_waiting.send(Mailing)


def stop(broadcast: Mailing, *, by: User) -> None:
    """End it for good: whoever has not got it yet does not get it. Repeatable."""
    with transaction.atomic():
        if not Mailing.objects.broadcasts().filter(pk=broadcast.pk, status__in=_OPEN).exists():
            return
        now = timezone.now()
        # Deliveries before their mailing: the sender locks in that order, too.
        broadcast.deliveries.filter(status=Delivery.Status.WAITING).update(
            status=Delivery.Status.LEFT_OUT,
            settled_at=now,
            reason=f"The broadcast was stopped by {by}.",
        )
        _move(broadcast, _OPEN, _Status.STOPPED, ended_at=now)


def send_again(mailing: Mailing, status: Delivery.Status) -> int:
    """Let its uncertain or its failed deliveries wait once more; how many.

    Those of a step leave while the sequence is on. A person decides this: whoever is uncertain may
    have got it already.
    """
    if status not in (Delivery.Status.UNCERTAIN, Delivery.Status.FAILED):
        raise BroadcastError("Only what is uncertain or failed can be sent again.")
    with transaction.atomic():
        number = mailing.deliveries.filter(status=status).update(
            status=Delivery.Status.WAITING,
            settled_at=None,
            handed_over_at=None,
            due_at=timezone.now(),
            put_off=0,
            reason="",
        )
        if number:
            ended = (_Status.DONE, _Status.STOPPED)
            _move(mailing, ended, _Status.SENDING, ended_at=None)
            mail_waiting.send(Mailing)
    return number


def send_test(*, subject: str, body: str, to: User) -> None:
    """The message in the mailbox of whoever writes it, filled in with their name.

    FieldError for a field that is none; raises like `mail.send`.
    """
    text = Text.of(subject, body)
    mail.send_sample(to, text.filled(values_of(to, Business.current().name)))


def _move(
    broadcast: Mailing, origins: tuple[Mailing.Status, ...], to: Mailing.Status, **fields: object
) -> None:
    """From one of these statuses to another; nothing happens where it is in none of them."""
    found = Mailing.objects.broadcasts().filter(pk=broadcast.pk, status__in=origins)
    found.update(status=to, **fields)
