"""Two contacts and one address: asked about, and answered by itself once only one has it (R5)."""

from __future__ import annotations

from django.db.models import QuerySet

from contacts.addresses import key_of
from contacts.models import Contact, RecordKind
from integrations import attention
from integrations.models import Attention, Cause, Connection, CustomerLink
from integrations.pulling import contact_fields
from integrations.pulling.locks import locked
from integrations.pulling.snapshots import customer_of
from integrations.pulling.work import Work


def ask_to_merge(work: Work, link: CustomerLink, other: Contact) -> None:
    """A person decides whether the customer's contact and `other` are one."""
    attention.open_item(
        work.connection,
        Cause.MERGE_CONTACTS,
        key=str(link.contact_id),
        facts={"contact": link.contact_id, "other": other.pk, "customer": link.external_id},
    )


def other_holder(email: str, contact: Contact) -> Contact | None:
    """Another contact than this one that has the address."""
    return Contact.objects.filter(email__lower=key_of(email)).exclude(pk=contact.pk).first()


def settle_addresses(work: Work) -> None:
    """Close the questions whose contacts no longer want one address (R23)."""
    for item in _open(work.connection):
        customer = str(item.facts.get("customer", ""))
        link = CustomerLink.objects.filter(connection=work.connection, external_id=customer).first()
        if link is None or str(link.contact_id) != item.key or not _still_clashes(work, link):
            attention.close_item(work.connection, Cause.MERGE_CONTACTS, item.key)


def settle_contact(work: Work, contact_id: int) -> None:
    """After contacts were merged: the survivor takes the address that QuickBooks has for it."""
    for link in CustomerLink.objects.filter(
        connection=work.connection, contact=contact_id, is_main=True, apart__contains=["email"]
    ):
        _still_clashes(work, link)


def _open(connection: Connection) -> QuerySet[Attention]:
    return Attention.objects.filter(
        connection=connection, cause=Cause.MERGE_CONTACTS, closed_at=None
    )


def _still_clashes(work: Work, link: CustomerLink) -> bool:
    """Whether another contact has the customer's address; if none has, ours takes it."""
    contact = locked(Contact, [link.contact_id]).get(link.contact_id)
    link = CustomerLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    if contact is None or not link.is_main or link.gone_at or "email" not in link.apart:
        return False
    address = customer_of(link).email
    holder = other_holder(address, contact)
    if holder is not None:
        ask_to_merge(work, link, holder)
        return True
    link.apart.remove("email")
    link.save(update_fields=["apart"])
    if contact.email != address:
        take = {"email": address}
        work.note_changes(RecordKind.CONTACT, contact, take)
        contact_fields.write_contacts(work, {contact.pk: contact}, {contact.pk: take})
        work.tally.updated += 1
    return False
