"""What happened to consent, for a contact's page."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from contacts.addresses import key_of
from contacts.models import ConsentEvent, Contact


def of_contact(contact: Contact) -> QuerySet[ConsentEvent]:
    """The entries of the contact and of its present address, newest first, with who made them.

    The address may have had another contact before, and kept what its holder said then.
    """
    mine = Q(contact_id=contact.pk)
    if contact.email:
        mine |= Q(address=key_of(contact.email))
    return ConsentEvent.objects.filter(mine).select_related("by").order_by("-id")


def what_settled(contact: Contact) -> ConsentEvent | None:
    """What made the contact's status what it is; None where nothing ever has."""
    changes = of_contact(contact).exclude(old=F("new"))
    return changes.filter(address=key_of(contact.email), new=contact.marketing_status).first()
