"""The check that every marketing mail passes at the moment it is sent (R8)."""

from __future__ import annotations

from contacts.addresses import key_of
from contacts.models import Consent, MarketingStatus


def may_receive(address: str) -> bool:
    """Whether broadcasts and sequences may reach the address now; asks the database each time."""
    return Consent.objects.filter(
        address=key_of(address), status=MarketingStatus.MARKETABLE
    ).exists()
