"""A product outwards (R12): edits of linked ones follow; new ones go with their first invoice."""

from __future__ import annotations

from django.db import transaction

from contacts.models import Product, ProductType
from integrations import merge
from integrations.models import ItemLink, OutboxEntry, Reason, SetAside
from integrations.pulling import product_fields
from integrations.pulling.item_linking import link_as_chosen
from integrations.pulling.items import apply_items
from integrations.pulling.work import Work
from integrations.pushing import books
from integrations.pushing.history import noted
from integrations.pushing.leftovers import is_last_word, lay_apart
from integrations.pushing.outcome import Held, Hold, NothingToSend, NotYet, Step, Write
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing import items as outgoing
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import ItemRecord
from integrations.session import Session

PATH = "item"


def next_write(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """Work out what QuickBooks lacks; bundles are read-only here (R11)."""
    product = Product.objects.filter(pk=entry.record_id).first()
    if product is None or product.type == ProductType.BUNDLE:
        return NothingToSend()
    link = _link(entry) or _find(session, work, product)
    if link is None:
        return Write(PATH, _creation(session, work, product))
    if link.gone_at:
        return Hold(Held.GONE, {"name": product.full_name or product.name})
    if link.frozen_at:
        # A person said not to sync it (R22).
        return NothingToSend()
    product.refresh_from_db()
    here = product_fields.here(product)
    unsent = merge.unsent(product_fields.base(link), here, link.apart)
    country = work.connection.country
    changed = outgoing.sendable(unsent, country=country)
    if changed != unsent:
        _keep_apart(link, unsent - changed)
    if not changed:
        return NothingToSend()
    body = outgoing.update(link.external_id, link.sync_token, here, changed, country=country)
    return Write(PATH, body)


def _keep_apart(link: ItemLink, fields: set[str]) -> None:
    """QuickBooks has no place for them, so they have no common base and nobody waits for them."""
    with transaction.atomic():
        # A pull may be merging it this very moment.
        now = ItemLink.objects.select_for_update(no_key=True).only("apart").get(pk=link.pk)
        now.apart = sorted({*now.apart, *fields})
        now.save(update_fields=["apart"])


def link_by_name(session: Session, work: Work, entry: OutboxEntry) -> bool:
    """Link the item that has the product's name already, if it can only be this one (R12)."""
    product = Product.objects.get(pk=entry.record_id)
    statement = select_page(ItemRecord.entity, where={"Name": product.name})
    named = [
        record
        for record in _linkable(session, work, statement)
        if record.full_name.lower() == product.full_name.lower() and record.active
    ]
    if len(named) != 1 or _link(entry) is not None:
        return False
    _link_to(work, named[0], product)
    return True


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base. Part of the transaction that takes the entry off the outbox."""
    link = take_in(work, entry, raw)
    if is_last_word(entry):
        product = Product.objects.select_for_update(no_key=True).get(pk=link.product_id)
        left = merge.unsent(product_fields.base(link), product_fields.here(product), link.apart)
        lay_apart(work, entry, link, left)


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> ItemLink:
    """Merge the item as QuickBooks has it now; the product's row stays locked."""
    record = read_record(ItemRecord.entity, raw)
    if not isinstance(record, ItemRecord):
        raise TypeError("QuickBooks answered with an item that cannot be read")
    if _link(entry) is None:
        product = Product.objects.select_for_update(no_key=True).get(pk=entry.record_id)
        link_as_chosen(work, record, product)
    else:
        apply_items(work, [record])
    return ItemLink.objects.get(connection=work.connection, external_id=record.external_id)


def _link(entry: OutboxEntry) -> ItemLink | None:
    return ItemLink.objects.filter(
        connection=entry.connection_id,
        product=entry.record_id,
    ).first()


def _find(session: Session, work: Work, product: Product) -> ItemLink | None:
    """The item of this SKU, linked by now; None if there is none (R12).

    A name needs no question: creating a taken one is refused (6240), and then it is looked for.
    """
    if not product.sku:
        return None
    found = _linkable(session, work, select_page(ItemRecord.entity, where={"Sku": product.sku}))
    if not found:
        return None
    if len(found) > 1 or not found[0].active:
        raise NotYet(Hold(Held.INACTIVE_MATCH, {"name": found[0].full_name}))
    _link_to(work, found[0], product)
    return ItemLink.objects.get(connection=work.connection, product=product)


def _linkable(session: Session, work: Work, statement: str) -> list[ItemRecord]:
    page = session.call(lambda api: api.query(statement))
    rows = [read_record(ItemRecord.entity, raw) for raw in page.records]
    return [row for row in rows if isinstance(row, ItemRecord) and _may_be(work, row)]


def _link_to(work: Work, record: ItemRecord, product: Product) -> None:
    with noted(work), transaction.atomic():
        link_as_chosen(work, record, product)
        work.write_history()


def _may_be(work: Work, record: ItemRecord) -> bool:
    """Whether the item could still be linked: products only, not somebody else's already, and not
    one that a person keeps out (R22)."""
    if record.kind in {"category", "bundle"}:
        return False
    this = {"connection": work.connection, "external_id": record.external_id}
    unwanted = SetAside.objects.filter(**this, kind=record.entity, reason=Reason.NOT_WANTED)
    return not ItemLink.objects.filter(**this).exists() and not unwanted.exists()


def _creation(session: Session, work: Work, product: Product) -> bytes:
    return outgoing.create(
        product_fields.here(product),
        income_account_id=books.income_account(session, work.connection),
        country=work.connection.country,
    )
