"""The question whether an address wants our mail, on its way there (R8).

It is transactional: nobody could agree otherwise. It goes at most once a day, so that it has left
is committed before the mail server gets it: a worker that dies then has asked once at the most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import Consent, ConsentEvent, MarketingStatus
from contacts.services.consent.choosing import sent_lately
from contacts.services.consent.unsubscribing import lock_holder
from contacts.services.consent.writing import Step, Trace, consents_of, show, write

_What = ConsentEvent.What
_TRY_AGAIN_AFTER: Final = timedelta(minutes=30)
_GIVE_UP_AFTER: Final = timedelta(days=2)


def next_waiting(number: int) -> Sequence[Consent]:
    """At most so many that are due, the oldest first."""
    return list(_due().order_by("confirmation_wanted_at", "pk")[:number])


def mark_as_left(consent: Consent) -> bool:
    """Note that it leaves now; False where it may not, or is not wanted any more.

    One statement compares and sets, so nobody is asked twice within a day, whoever sends. Call it
    in a transaction.
    """
    contact_id = lock_holder(consent.address)
    # Its link is the one that was asked for last.
    mine = _due().filter(pk=consent.pk, request=consent.request)
    if contact_id is None:
        mine.update(confirmation_wanted_at=None)
        return False
    if not mine.update(confirmation_wanted_at=None, confirmation_sent_at=timezone.now()):
        return False
    current = consents_of([consent.address])[consent.address]
    write([Step(current, _What.SENT, MarketingStatus(current.status), contact_id)], Trace())
    return True


def put_off(consent: Consent) -> None:
    """The mail server asks to try again later, which is done for two days."""
    asked = ConsentEvent.objects.filter(
        address=consent.address, what__in=(_What.REQUESTED, _What.ASKED_BACK)
    ).order_by("-pk")
    since = asked.values_list("at", flat=True).first()
    now = timezone.now()
    if since is None or since < now - _GIVE_UP_AFTER:
        give_up(consent, "The mail server kept putting it off.")
        return
    # Whoever unsubscribed meanwhile is not asked.
    Consent.objects.filter(pk=consent.pk, request=consent.request).update(
        confirmation_wanted_at=now + _TRY_AGAIN_AFTER, confirmation_sent_at=None
    )


def line_up_again(consent: Consent) -> None:
    """Behind the others, as `due.line_up_again`."""
    waiting = Consent.objects.filter(pk=consent.pk, confirmation_wanted_at__isnull=False)
    waiting.update(confirmation_wanted_at=timezone.now())


def give_up(consent: Consent, why: str) -> None:
    """It cannot be delivered: nobody is waited for, and the history says why."""
    with transaction.atomic():
        contact_id = lock_holder(consent.address)
        current = consents_of([consent.address])[consent.address]
        current.confirmation_sent_at = None
        to = MarketingStatus(current.status)
        if to == MarketingStatus.WAITING:
            to = MarketingStatus.NON_MARKETABLE
        step = Step(current, _What.NOT_SENT, to, contact_id)
        write([step], Trace(reason=why))
        show([step])


def _due() -> QuerySet[Consent]:
    wanted = Consent.objects.filter(confirmation_wanted_at__lte=timezone.now())
    return wanted.exclude(sent_lately())
