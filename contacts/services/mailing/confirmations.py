"""The question whether an address wants our mail, on its way there (R8).

It is transactional: nobody could agree otherwise. It goes at most once a day, so that it has left
is committed before the mail server gets it: a worker that dies then has asked once at the most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from contacts.models import Consent, ConsentEvent, MarketingStatus
from contacts.services.consent.unsubscribing import lock_holder
from contacts.services.consent.writing import Step, Trace, consents_of, write

_What = ConsentEvent.What
_TRY_AGAIN_AFTER: Final = timedelta(minutes=30)
_GIVE_UP_AFTER: Final = timedelta(days=2)


def next_waiting(number: int) -> Sequence[Consent]:
    """At most so many that are due, the oldest first."""
    due = Consent.objects.filter(confirmation_wanted_at__lte=timezone.now())
    return list(due.order_by("confirmation_wanted_at", "pk")[:number])


def mark_as_left(consent: Consent) -> bool:
    """Note that it leaves now; False, and it waits no more, where it is not wanted any more.

    Call it in a transaction.
    """
    contact_id = lock_holder(consent.address)
    current = consents_of([consent.address])[consent.address]
    if current.confirmation_wanted_at is None:
        return False
    current.confirmation_wanted_at = None
    if contact_id is None or current.status == MarketingStatus.MARKETABLE:
        current.save(update_fields=["confirmation_wanted_at"])
        return False
    current.confirmation_sent_at = timezone.now()
    _note(current, _What.SENT, contact_id)
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
    Consent.objects.filter(pk=consent.pk).update(
        confirmation_wanted_at=now + _TRY_AGAIN_AFTER, confirmation_sent_at=None
    )


def give_up(consent: Consent, why: str) -> None:
    """It cannot be delivered: the history says why, and it may be asked for again."""
    with transaction.atomic():
        contact_id = lock_holder(consent.address)
        current = consents_of([consent.address])[consent.address]
        current.confirmation_wanted_at = current.confirmation_sent_at = None
        _note(current, _What.NOT_SENT, contact_id, why)


def _note(
    consent: Consent, what: ConsentEvent.What, contact_id: int | None, reason: str = ""
) -> None:
    step = Step(consent, what, MarketingStatus(consent.status), contact_id)
    write([step], Trace(reason=reason))
