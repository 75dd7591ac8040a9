"""The check that every marketing mail passes at the moment it is sent (R8)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from contacts.addresses import key_of
from contacts.models import Consent, Contact, MarketingStatus


def may_receive(address: str) -> bool:
    """Whether broadcasts and sequences may reach the address now; asks the database each time.

    Its holder agreed, and nobody put the contact away since.
    """
    archived = Contact.objects.filter(email__lower=OuterRef("address"), archived_at__isnull=False)
    agreed = Consent.objects.filter(address=key_of(address), status=MarketingStatus.MARKETABLE)
    return agreed.filter(~Exists(archived)).exists()
