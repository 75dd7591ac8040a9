"""Taking consent back (R8)."""

from __future__ import annotations

from django.db import transaction

from contacts.addresses import key_of
from contacts.models import Consent, Contact, MarketingStatus
from contacts.services.consent import addresses
from contacts.services.consent.links import ForgedError, read_unsubscribe
from contacts.services.consent.writing import Step, Trace, What, consents_of, show, write


def unsubscribe(address: str, trace: Trace) -> bool:
    """Nothing but mail about a sale reaches the address from now on, whoever has it later.

    Confirmation links on their way are dead. False where it was so already: repeatable.
    """
    key = key_of(address)
    while True:
        with transaction.atomic():
            contact_id = lock_holder(key)
            if contact_id is None:
                addresses.exclude()
                if Contact.objects.filter(email__lower=key).exists():
                    # One just took the address: its row is locked before anything else is.
                    continue
            consent = consents_of([key])[key]
            if consent.status == MarketingStatus.UNSUBSCRIBED:
                return False
            step = Step(consent, What.UNSUBSCRIBED, MarketingStatus.UNSUBSCRIBED, contact_id)
            write([step], trace)
            show([step])
            return True


def is_unsubscribed(token: str) -> bool:
    """Whether the address of a link has been unsubscribed already. Raises ForgedError."""
    consent_id, _ = read_unsubscribe(token)
    return Consent.objects.filter(pk=consent_id, status=MarketingStatus.UNSUBSCRIBED).exists()


def unsubscribe_by_link(token: str, *, ip: str | None, one_click: bool = False) -> None:
    """The holder of the address says so, on the link's page or in the mail program. ForgedError."""
    consent_id, mail = read_unsubscribe(token)
    consent = Consent.objects.filter(pk=consent_id).first()
    if consent is None:
        raise ForgedError
    way = "Button of the mail program" if one_click else "Link"
    unsubscribe(consent.address, Trace(source=f"{way} in {mail}" if mail else way, ip=ip))


def lock_holder(key: str) -> int | None:
    """The contact that has the address, its row locked; None where none has."""
    holders = Contact.objects.select_for_update().filter(email__lower=key).exclude(email="")
    return holders.values_list("pk", flat=True).first()
