"""Consent as tests put it there, without the acts that would lead to it."""

from __future__ import annotations

from contacts.addresses import key_of
from contacts.models import Consent, Contact


def put(status, *contacts):
    """These contacts (all without any) and the consents of their addresses have this status."""
    chosen = (
        Contact.objects.filter(pk__in=[c.pk for c in contacts]) if contacts else Contact.objects
    )
    for contact in chosen.exclude(email=""):
        Consent.objects.update_or_create(address=key_of(contact.email), defaults={"status": status})
        Contact.objects.filter(pk=contact.pk).update(marketing_status=status)
    for contact in contacts:
        contact.refresh_from_db()


def assert_agreement():
    """Every contact shows what the consent of its address is."""
    known = dict(Consent.objects.values_list("address", "status"))
    for email, shown in Contact.objects.values_list("email", "marketing_status"):
        assert shown == known.get(key_of(email), "non_marketable"), email
