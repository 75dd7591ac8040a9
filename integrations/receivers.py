"""What the engine does when the CRM announces something."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from contacts.models import Contact, Product, RecordKind
from contacts.signals import contacts_merged, record_changed
from integrations import attention, outbox
from integrations.models import Attention, Cause, Connection, CustomerLink, ItemLink


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


@receiver(record_changed, sender=Contact, dispatch_uid="integrations.send_edited_contact")
def send_edited_contact(record: Contact, fields: frozenset[str], **_: Any) -> None:
    """Once a contact is linked, its edits follow by themselves, through its main customer (R9)."""
    link = CustomerLink.objects.filter(
        connection__in=Connection.objects.live(), contact=record, is_main=True, gone_at=None
    ).first()
    if link is not None:
        _send(link, RecordKind.CONTACT, record.pk, fields.intersection(Contact.SYNCED_FIELDS))


@receiver(record_changed, sender=Product, dispatch_uid="integrations.send_edited_product")
def send_edited_product(record: Product, fields: frozenset[str], **_: Any) -> None:
    """Once a product is linked, its edits follow by themselves (R12)."""
    link = ItemLink.objects.filter(
        connection__in=Connection.objects.live(), product=record, gone_at=None
    ).first()
    if link is not None:
        _send(link, RecordKind.PRODUCT, record.pk, fields.intersection(Product.SYNCED_FIELDS))


def _send(
    link: CustomerLink | ItemLink, kind: RecordKind, record_id: int, fields: frozenset[str]
) -> None:
    """A field that somebody edits has a value worth sending, whatever kept it apart before."""
    if not fields:
        return
    if fields.intersection(link.apart):
        link.apart = [name for name in link.apart if name not in fields]
        link.save(update_fields=["apart"])
    outbox.enqueue(link.connection, kind, record_id)
