"""What the holder of an address does with the link in a confirmation email (R8)."""

from __future__ import annotations

import uuid
from enum import Enum, auto

from django.db import transaction

from contacts.models import Consent, MarketingStatus
from contacts.services.consent import links
from contacts.services.consent.unsubscribing import lock_holder
from contacts.services.consent.writing import Step, Trace, What, consents_of, show, write
from contacts.signals import mail_waiting


class Standing(Enum):
    """What a genuine link is good for by now."""

    OPEN = auto()
    CONFIRMED = auto()
    #: Too old; another one can be asked for.
    EXPIRED = auto()
    #: Its holder unsubscribed since, or no contact has the address any more.
    DEAD = auto()


def standing(token: str) -> Standing:
    """What pressing *confirm* would find; changes nothing. Raises ForgedError."""
    try:
        consent_id, request = links.read_confirm(token)
    except links.ExpiredError:
        return Standing.EXPIRED
    consent = Consent.objects.filter(pk=consent_id).first()
    return Standing.DEAD if consent is None else _standing(consent, request)


def confirm(token: str, *, ip: str | None) -> Standing:
    """Make the address marketable because its holder says so; CONFIRMED when it is.

    Repeatable. An expired or dead link changes nothing. Raises ForgedError.
    """
    try:
        consent_id, request = links.read_confirm(token)
    except links.ExpiredError:
        return Standing.EXPIRED
    with transaction.atomic():
        consent, contact_id = _held(consent_id)
        if consent is None or contact_id is None:
            return Standing.DEAD
        found = _standing(consent, request)
        if found != Standing.OPEN:
            return found
        step = Step(consent, What.CONFIRMED, MarketingStatus.MARKETABLE, contact_id)
        write([step], Trace(source="Link in the confirmation email", ip=ip))
        show([step])
    return Standing.CONFIRMED


def ask_for_new_link(token: str, *, ip: str | None) -> None:
    """Let another confirmation email go for a link that is too old. Raises ForgedError.

    Whoever asks learns nothing about the address; asking often makes no more emails of it.
    """
    consent_id, request = links.read_confirm(token, expired_too=True)
    with transaction.atomic():
        consent, contact_id = _held(consent_id)
        if consent is not None and _standing(consent, request) == Standing.OPEN:
            _ask(consent, contact_id, Trace(source="Link that was too old", ip=ip))


def ask_to_come_back(token: str, *, ip: str | None) -> None:
    """Let a confirmation email go to who unsubscribed by mistake. Raises ForgedError.

    The address stays unsubscribed until it is answered. Otherwise like `ask_for_new_link`.
    """
    consent_id, _ = links.read_unsubscribe(token)
    with transaction.atomic():
        consent, contact_id = _held(consent_id)
        if consent is not None and consent.status == MarketingStatus.UNSUBSCRIBED:
            _ask(consent, contact_id, Trace(source="Page for unsubscribing", ip=ip))


def _standing(consent: Consent, request: uuid.UUID) -> Standing:
    if consent.request != request:
        return Standing.DEAD
    confirmed = consent.status == MarketingStatus.MARKETABLE
    return Standing.CONFIRMED if confirmed else Standing.OPEN


def _ask(consent: Consent, contact_id: int | None, trace: Trace) -> None:
    if contact_id is None or consent.confirmation_wanted_at is not None:
        return
    if consent.status == MarketingStatus.UNSUBSCRIBED:
        step = Step(consent, What.ASKED_BACK, MarketingStatus.UNSUBSCRIBED, contact_id)
    else:
        step = Step(consent, What.REQUESTED, MarketingStatus.WAITING, contact_id)
    write([step], trace)
    show([step])
    mail_waiting.send(Consent)


def _held(consent_id: int) -> tuple[Consent | None, int | None]:
    """The consent and the contact that has its address, both locked."""
    address = Consent.objects.filter(pk=consent_id).values_list("address", flat=True).first()
    if address is None:
        return None, None
    contact_id = lock_holder(address)
    return consents_of([address])[address], contact_id
