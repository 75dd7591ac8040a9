"""What a person does for the consent of one contact or of many (R8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet

from contacts.addresses import key_of
from contacts.models import Consent, Contact, MarketingStatus, User
from contacts.services.consent.choosing import Act, Outlook, outlook, reached
from contacts.services.consent.writing import Step, Trace, What, consents_of, show, write
from contacts.signals import mail_waiting

#: So many contacts are worked on with one set of statements.
_AT_ONCE = 1000


class ReasonMissingError(ValueError):
    """Nobody is opted in without saying why."""


def opt_in(contacts: QuerySet[Contact], *, reason: str, by: User, source: str = "") -> Outlook:
    """Make contacts marketable because a person says so, with who, when and why.

    Whoever unsubscribed is left out: they come back one by one, with `opt_in_again`. One
    transaction. Raises ReasonMissingError.
    """
    trace = Trace(by_id=by.pk, source=source, reason=_given(reason))
    return _act(contacts, Act.OPT_IN, What.OPTED_IN, MarketingStatus.MARKETABLE, trace)


def opt_in_again(contact: Contact, *, reason: str, by: User, source: str = "") -> bool:
    """Make one contact marketable that unsubscribed and then asked to be mailed again.

    False, and nothing is done, for one that did not unsubscribe. Raises ReasonMissingError.
    """
    trace = Trace(by_id=by.pk, source=source, reason=_given(reason))
    with transaction.atomic():
        steps = [
            step
            for step in _steps(_lock([contact.pk]), What.OPTED_IN, MarketingStatus.MARKETABLE)
            if step.consent.status == MarketingStatus.UNSUBSCRIBED
        ]
        write(steps, trace)
        show(steps)
    return bool(steps)


def request_confirmation(contacts: QuerySet[Contact], *, by: User, source: str = "") -> Outlook:
    """Let a confirmation email go to each address that may get one; they leave in the background.

    No address gets one while one waits, or within a day of the last, whoever asks for it. One
    transaction.
    """
    trace = Trace(by_id=by.pk, source=source)
    with transaction.atomic():
        done = _act(contacts, Act.ASK, What.REQUESTED, MarketingStatus.WAITING, trace)
        if done.reached:
            mail_waiting.send(Consent)
    return done


def _act(
    contacts: QuerySet[Contact],
    act: Act,
    what: What,
    to: MarketingStatus,
    trace: Trace,
) -> Outlook:
    number = 0
    with transaction.atomic():
        left_out = outlook(contacts, act).left_out
        ids = reached(contacts, act)
        for start in range(0, len(ids), _AT_ONCE):
            page = ids[start : start + _AT_ONCE]
            emails = _lock(page)
            # Now nobody can change any more what they are.
            still = reached(Contact.objects.filter(pk__in=page), act)
            steps = _steps({pk: emails[pk] for pk in still}, what, to)
            write(steps, trace)
            show(steps)
            number += len(steps)
    return Outlook(number, left_out)


def _lock(contact_ids: Sequence[int]) -> dict[int, str]:
    """The addresses of these contacts, whose rows stay as they are until the end."""
    rows = Contact.objects.select_for_update().filter(pk__in=contact_ids).order_by("pk")
    return dict(rows.values_list("pk", "email"))


def _steps(emails: Mapping[int, str], what: What, to: MarketingStatus) -> list[Step]:
    keys = {contact_id: key_of(email) for contact_id, email in emails.items() if email}
    consents = consents_of(set(keys.values()))
    return [Step(consents[key], what, to, contact_id) for contact_id, key in keys.items()]


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissingError("Opting in needs a reason.")
    return reason.strip()
