"""A product outwards (R12): edits of linked ones follow; new ones go with their first invoice."""

from __future__ import annotations

from contacts.models import Product, ProductType
from integrations import merge
from integrations.models import ItemLink, OutboxEntry
from integrations.pulling import product_fields
from integrations.pulling.items import apply_changes
from integrations.pulling.work import Work
from integrations.pushing.leftovers import is_last_word, lay_apart
from integrations.pushing.outcome import NothingToSend, Step, Write
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing import items as outgoing
from integrations.quickbooks.records import ItemRecord
from integrations.session import Session

PATH = "item"


def next_write(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """Work out what QuickBooks lacks; bundles are read-only here (R11)."""
    del session
    link = _link(entry)
    product = Product.objects.filter(pk=entry.record_id).first()
    if link is None or product is None or product.type == ProductType.BUNDLE:
        return NothingToSend()
    here = product_fields.here(product)
    changed = merge.unsent(product_fields.base(link), here, link.apart)
    country = work.connection.country
    changed = outgoing.sendable(changed, country=country)
    if not changed:
        return NothingToSend()
    body = outgoing.update(link.external_id, link.sync_token, here, changed, country=country)
    return Write(PATH, body)


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base. Part of the transaction that takes the entry off the outbox."""
    link = take_in(work, entry, raw)
    if is_last_word(entry):
        product = Product.objects.select_for_update().get(pk=link.product_id)
        left = merge.unsent(product_fields.base(link), product_fields.here(product), link.apart)
        lay_apart(work, entry, link, left)


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> ItemLink:
    """Merge the item as QuickBooks has it now; the product's row stays locked."""
    del entry
    record = read_record(ItemRecord.entity, raw)
    if not isinstance(record, ItemRecord):
        raise TypeError("QuickBooks answered with an item that cannot be read")
    link = ItemLink.objects.select_for_update().get(
        connection=work.connection, external_id=record.external_id
    )
    apply_changes(work, [(link, record)])
    link.refresh_from_db()
    return link


def _link(entry: OutboxEntry) -> ItemLink | None:
    return ItemLink.objects.filter(
        connection=entry.connection_id,
        product=entry.record_id,
        gone_at=None,
        frozen_at=None,
    ).first()
