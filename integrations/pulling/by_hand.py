"""What a person decides about one link, inside one transaction: made, taken back, left alone (R22).

The record's row is locked before its link, as everybody does.
"""

from __future__ import annotations

from typing import Any, Final

from contacts.models import Contact, Product, RecordKind
from integrations import attention, outbox
from integrations.models import (
    Cause,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    Link,
    OutboxEntry,
    Reason,
    SetAside,
)
from integrations.pulling import customer_linking, item_linking, main_customer
from integrations.pulling.locks import locked
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord, InvoiceRecord, ItemRecord

_ENTITIES: Final = {
    RecordKind.CONTACT: CustomerRecord.entity,
    RecordKind.PRODUCT: ItemRecord.entity,
    RecordKind.INVOICE: InvoiceRecord.entity,
}
#: The name that a record's history has for its link.
LINK: Final = "link"


class NotPossible(Exception):
    """Nothing was changed; `str()` is a sentence for the person who asked."""


def link_customer(work: Work, contact: Contact, record: CustomerRecord) -> None:
    """Make this customer the contact's; it gives its fields as at every first link (R7)."""
    mine = locked(Contact, [contact.pk]).get(contact.pk)
    if mine is None:
        raise NotPossible("The contact is gone.")
    if not record.active:
        raise NotPossible("That customer is inactive in QuickBooks. Make it active there first.")
    if not record.email:
        raise NotPossible(
            "That customer has no email address in QuickBooks, and without one nothing is synced. "
            "Add an address there first."
        )
    _refuse_linked(CustomerLink, work, record.external_id)
    _refuse_flying(work, RecordKind.CONTACT, mine.pk)
    customer_linking.link_as_chosen(work, record, mine)
    _note(work, RecordKind.CONTACT, mine.pk, "", f"Customer {record.display_name}")
    _let_waiting_go(work, RecordKind.CONTACT, mine.pk)


def link_item(work: Work, product: Product, record: ItemRecord) -> None:
    """Make this item the product's; it gives its fields as at every first link."""
    mine = locked(Product, [product.pk]).get(product.pk)
    if mine is None:
        raise NotPossible("The product is gone.")
    if not record.active:
        raise NotPossible("That product is inactive in QuickBooks. Make it active there first.")
    if record.kind in {"category", "bundle"}:
        raise NotPossible("A bundle or category of QuickBooks cannot be a product made here.")
    _refuse_linked(ItemLink, work, record.external_id)
    if ItemLink.objects.filter(connection=work.connection, product=mine).exists():
        raise NotPossible("The product is linked already.")
    _refuse_flying(work, RecordKind.PRODUCT, mine.pk)
    item_linking.link_as_chosen(work, record, mine)
    _note(work, RecordKind.PRODUCT, mine.pk, "", f"Product {record.full_name}")
    _let_waiting_go(work, RecordKind.PRODUCT, mine.pk)


def unlink(work: Work, link: CustomerLink | ItemLink) -> None:
    """Two records again, on either side one; that of QuickBooks does not come in by itself."""
    kind, record_id = record_of(link)
    locked(Contact if kind == RecordKind.CONTACT else Product, [record_id])
    model: Any = type(link)
    current = model.objects.select_for_update(no_key=True).filter(pk=link.pk).first()
    if current is None:
        return
    _refuse_flying(work, kind, record_id)
    name = current.display_name if kind == RecordKind.CONTACT else link.product.full_name  # type: ignore[union-attr]
    SetAside.objects.update_or_create(
        connection=work.connection,
        kind=entity_of(link),
        external_id=current.external_id,
        defaults={
            "reason": Reason.NOT_WANTED,
            "detail": "",
            "label": name,
            "sync_token": current.sync_token,
            "remote_updated_at": current.remote_updated_at,
            "snapshot": current.snapshot,
            "since": work.now,
            "run": None,
        },
    )
    current.delete()
    _note(work, kind, record_id, f"{entity_words(link)} {name}", "")
    key = outbox.named(kind, record_id)
    attention.close_item(work.connection, Cause.NOT_TAKEN, key)
    if kind == RecordKind.CONTACT:
        attention.close_item(work.connection, Cause.MERGE_CONTACTS, str(record_id))
        main_customer.choose_for(work, [record_id])
    if not model.objects.filter(connection=work.connection, **{kind.value: record_id}).exists():
        # An edit that waited was for the link that is gone; sending it would make another one.
        _waiting(work, kind, record_id).delete()
        attention.close_item(work.connection, Cause.PUSH_HELD, key)
        outbox.look_again(work.connection, [outbox.DEPENDENCY])


def leave_alone(work: Work, link: Link) -> None:
    """Nothing moves between the two in either direction until a person says so."""
    model: Any = type(link)
    kind, record_id = record_of(link)
    if model.objects.filter(pk=link.pk, frozen_at=None, gone_at=None).update(frozen_at=work.now):
        _note(work, kind, record_id, "synced", "not synced")


def wake_up(work: Work, link: Link) -> None:
    """The link is in use again; what happened meanwhile on either side is the caller's to apply."""
    if not left_alone(link):
        raise NotPossible("It was made before the connection was reset, so it stays as it is.")
    model: Any = type(link)
    kind, record_id = record_of(link)
    model.objects.filter(pk=link.pk).update(frozen_at=None)
    _note(work, kind, record_id, "not synced", "synced")


def left_alone(link: Link) -> bool:
    """Whether a person said so. A reset, too, stops invoices, but only older ones (R19)."""
    if link.frozen_at is None:
        return False
    if isinstance(link, CustomerLink | ItemLink):
        return True
    made, since = link.remote_created_at, link.connection.invoices_since
    return made is not None and made >= since


def record_of(link: Link) -> tuple[RecordKind, int]:
    """The record here."""
    if isinstance(link, CustomerLink):
        return RecordKind.CONTACT, link.contact_id
    if isinstance(link, ItemLink):
        return RecordKind.PRODUCT, link.product_id
    if isinstance(link, InvoiceLink):
        return RecordKind.INVOICE, link.invoice_id
    raise TypeError(f"{type(link).__name__} is not decided about by hand")


def entity_of(link: Link) -> str:
    """QuickBooks' name of what it is there."""
    return _ENTITIES[record_of(link)[0]]


def entity_words(link: Link) -> str:
    """What people call it."""
    return "Product" if isinstance(link, ItemLink) else entity_of(link)


def _refuse_linked(links: Any, work: Work, external_id: str) -> None:
    known = links.objects.filter(connection=work.connection, external_id=external_id).first()
    if known is not None:
        raise NotPossible("It is linked to another record already. Unlink it there first.")


def _refuse_flying(work: Work, kind: RecordKind, record_id: int) -> None:
    if _entries(work, kind, record_id).filter(state=OutboxEntry.State.IN_FLIGHT).exists():
        raise NotPossible("It is on its way to QuickBooks right now. Try again in a minute.")


def _let_waiting_go(work: Work, kind: RecordKind, record_id: int) -> None:
    """Whatever kept it from being sent, and what waits for it, gets another chance."""
    if _waiting(work, kind, record_id).exists():
        attention.close_item(work.connection, Cause.PUSH_HELD, outbox.named(kind, record_id))
        outbox.enqueue(work.connection, kind, record_id)


def _entries(work: Work, kind: RecordKind, record_id: int) -> Any:
    return OutboxEntry.objects.filter(connection=work.connection, kind=kind, record_id=record_id)


def _waiting(work: Work, kind: RecordKind, record_id: int) -> Any:
    return _entries(work, kind, record_id).exclude(state=OutboxEntry.State.IN_FLIGHT)


def _note(work: Work, kind: RecordKind, record_id: int, old: str, new: str) -> None:
    work.note_change(kind, record_id, LINK, old, new)
