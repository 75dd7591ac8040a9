"""What the engine does when the CRM announces something."""

from __future__ import annotations

from typing import Any, Final

from django.dispatch import receiver
from django_q.tasks import async_task

from contacts.models import (
    Allocation,
    Contact,
    Invoice,
    Origin,
    Payment,
    Product,
    RecordKind,
)
from contacts.signals import contacts_merged, record_changed
from integrations import attention, outbox
from integrations.models import (
    Cause,
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    OutboxEntry,
    PaymentLink,
)
from integrations.not_taken import close_what_agrees

_ASKED: Final = {Contact: Cause.MERGE_CONTACTS, Product: Cause.PRODUCT_MATCH}
#: Held causes that a new address may end.
_FOR_ADDRESS: Final = frozenset({"no_email", "address_taken", "inactive_match"})
_ASKED_ABOUT: Final = {
    Cause.MERGE_CONTACTS: {"email"},
    Cause.PRODUCT_MATCH: {"name", "full_name", "sku"},
}


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
    # The loser's address is free only once this transaction has deleted it.
    for connection in Connection.objects.live():
        async_task("integrations.tasks.settle_questions", connection.pk, survivor.pk)


@receiver(record_changed, dispatch_uid="integrations.settle_questions_after_edit")
def settle_questions_after_edit(
    record: Contact | Product, fields: frozenset[str], **_: Any
) -> None:
    """An edit may answer a question: who has an address, which product an item is (R23)."""
    cause = _ASKED.get(type(record))
    if cause is None or not fields.intersection(_ASKED_ABOUT[cause]):
        return
    for connection in Connection.objects.live():
        if attention.open_items().filter(connection=connection, cause=cause).exists():
            async_task("integrations.tasks.settle_questions", connection.pk)


@receiver(record_changed, sender=Contact, dispatch_uid="integrations.send_edited_contact")
def send_edited_contact(record: Contact, fields: frozenset[str], **_: Any) -> None:
    """Once a contact is linked, its edits follow by themselves, through its main customer (R9)."""
    link = CustomerLink.objects.filter(
        connection__in=Connection.objects.live(), contact=record, is_main=True, gone_at=None
    ).first()
    if link is not None:
        _send(link, RecordKind.CONTACT, record.pk, fields.intersection(Contact.SYNCED_FIELDS))
    else:
        _send_again_if_going(RecordKind.CONTACT, record.pk, fields & {*Contact.SYNCED_FIELDS})
        if "email" in fields and (connection := Connection.objects.live().first()) is not None:
            outbox.look_again(connection, _FOR_ADDRESS)


@receiver(record_changed, sender=Product, dispatch_uid="integrations.send_edited_product")
def send_edited_product(record: Product, fields: frozenset[str], **_: Any) -> None:
    """Once a product is linked, its edits follow by themselves (R12)."""
    link = ItemLink.objects.filter(
        connection__in=Connection.objects.live(), product=record, gone_at=None
    ).first()
    if link is not None:
        _send(link, RecordKind.PRODUCT, record.pk, fields.intersection(Product.SYNCED_FIELDS))
    else:
        _send_again_if_going(RecordKind.PRODUCT, record.pk, fields & {*Product.SYNCED_FIELDS})


@receiver(record_changed, sender=Invoice, dispatch_uid="integrations.send_invoice")
def send_invoice(record: Invoice, **_: Any) -> None:
    """An invoice goes when it is marked sent; later edits and its void follow (R15).

    What was made before connecting stays here (R14).
    """
    connection = Connection.objects.live().first()
    if connection is None or record.sent_at is None or record.origin != Origin.CRM:
        return
    linked = InvoiceLink.objects.filter(connection=connection, invoice=record).exists()
    if linked or record.created_at >= connection.invoices_since_here:
        outbox.enqueue(connection, RecordKind.INVOICE, record.pk)


@receiver(record_changed, sender=Payment, dispatch_uid="integrations.send_payment")
def send_payment(record: Payment, **_: Any) -> None:
    """A payment of ours goes once one of its invoices is, or is going to be, in QuickBooks."""
    connection = Connection.objects.live().first()
    if connection is None:
        return
    invoices = Allocation.objects.filter(payment=record).values("invoice")
    linked = InvoiceLink.objects.filter(connection=connection, invoice__in=invoices, frozen_at=None)
    entries = OutboxEntry.objects.filter(connection=connection)
    going = entries.filter(kind=RecordKind.INVOICE, record_id__in=invoices)
    # A payment that is voided has no share in any invoice, and may be on its way all the same.
    flying = entries.filter(kind=RecordKind.PAYMENT, record_id=record.pk)
    sent = PaymentLink.objects.filter(connection=connection, payment=record)
    ours = record.origin == Origin.CRM
    if sent.exists() or flying.exists() or (ours and (linked.exists() or going.exists())):
        outbox.enqueue(connection, RecordKind.PAYMENT, record.pk)


def _send_again_if_going(kind: RecordKind, record_id: int, fields: frozenset[str]) -> None:
    """What is being made there right now may have left without this edit."""
    connection = Connection.objects.live().first()
    going = OutboxEntry.objects.filter(connection=connection, kind=kind, record_id=record_id)
    if connection is not None and fields and going.exists():
        outbox.enqueue(connection, kind, record_id)


def _send(
    link: CustomerLink | ItemLink, kind: RecordKind, record_id: int, fields: frozenset[str]
) -> None:
    """A field that somebody edits has a value worth sending, whatever kept it apart before."""
    if not fields:
        return
    if fields.intersection(link.apart):
        link.apart = [name for name in link.apart if name not in fields]
        link.save(update_fields=["apart"])
        close_what_agrees(link.connection, kind, {record_id: link.apart})
    outbox.enqueue(link.connection, kind, record_id)
