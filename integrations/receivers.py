"""What the engine does when the CRM announces something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from contacts.models import Contact
from contacts.signals import contacts_merged
from integrations import attention
from integrations.models import Attention, Cause, CustomerLink


@receiver(contacts_merged, dispatch_uid="integrations.keep_links_of_merged_contacts")
def keep_links_of_merged_contacts(survivor: Contact, loser: Contact, **_: Any) -> None:
    """R5: every customer of the loser is the survivor's; the survivor's main one stays main."""
    with_main = set(
        CustomerLink.objects.filter(contact=survivor, is_main=True).values_list(
            "connection", flat=True
        )
    )
    CustomerLink.objects.filter(contact=loser, connection__in=with_main).update(is_main=False)
    CustomerLink.objects.filter(contact=loser).update(contact=survivor)
    for item in Attention.objects.filter(
        cause=Cause.MERGE_CONTACTS,
        closed_at=None,
        key__in=[str(survivor.pk), str(loser.pk)],
    ).select_related("connection"):
        attention.close_item(item.connection, Cause.MERGE_CONTACTS, key=item.key)
