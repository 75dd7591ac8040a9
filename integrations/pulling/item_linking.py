"""An item's first link: by SKU, else by full name, only where the match is one to one (R11)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q

from contacts.models import Origin, Product, RecordKind
from integrations import attention, bulk, merge
from integrations.models import Attention, Cause, ItemLink, Reason
from integrations.pulling import new_links, product_fields
from integrations.pulling.freshness import Versioned
from integrations.pulling.locks import locked
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.work import Work
from integrations.quickbooks.records import ItemRecord

_LINK = ("product", *new_links.FIELDS, "apart")
_PRODUCT = ("id", *Product.SYNCED_FIELDS, "origin", "created_at", "updated_at")


def link_items(work: Work, asides: Asides, records: list[ItemRecord]) -> None:
    """Link items that have no link yet: to the product they match, else to a new one.

    Where several products or several items could be meant, a person is asked; the question closes
    once the match is clear.
    """
    if not records:
        return
    candidates = _unlinked_candidates(work, records)
    matches = _match(records, candidates)
    unclear = {r.external_id for r in records if len(matches[r.external_id]) > 1}
    _ask(work, asides, [r for r in records if r.external_id in unclear], matches)
    clear = [r for r in records if r.external_id not in unclear]
    close_questions(work, [r for r in clear if asides.is_unclear(r.external_id)])
    matched = [(r, matches[r.external_id][0]) for r in clear if matches[r.external_id]]
    strangers = [r for r in clear if not matches[r.external_id]]
    links = _join(work, matched) + _create(work, strangers)
    bulk.insert(ItemLink, _LINK, links)
    asides.let_in([record.external_id for record in clear])


def link_as_chosen(work: Work, record: ItemRecord, product: Product | None) -> None:
    """Link an item to the product a person chose, or to a new one if none was meant."""
    if product is None:
        links = _create(work, [record])
    else:
        links = _join(work, [(record, each) for each in locked(Product, [product.pk]).values()])
    bulk.insert(ItemLink, _LINK, links)
    Asides(work, ItemRecord.entity, [record.external_id]).let_in([record.external_id])
    close_questions(work, [record])


def close_questions(work: Work, records: Iterable[Versioned]) -> None:
    """Nobody has to say any more which product these items are (R23)."""
    keys = [record.external_id for record in records]
    if keys:
        Attention.objects.filter(
            connection=work.connection, cause=Cause.PRODUCT_MATCH, key__in=keys, closed_at=None
        ).update(closed_at=work.now)


def _unlinked_candidates(work: Work, records: Iterable[ItemRecord]) -> list[Product]:
    skus = {record.sku.lower() for record in records if record.sku}
    names = {record.full_name.lower() for record in records}
    # Of whichever company: another one's price must not reach a former one's books (R21).
    linked = ItemLink.objects.values("product")
    alike = Product.objects.filter(Q(sku__lower__in=skus) | Q(full_name__lower__in=names))
    return list(locked(Product, alike.exclude(pk__in=linked).values("pk")).values())


def _match(records: list[ItemRecord], candidates: list[Product]) -> dict[str, list[Product]]:
    """Per item the products it may be: one where the match is one to one, none, or several.

    What is one item's by its SKU is no other's by its name.
    """
    found = _one_to_one(records, candidates, lambda each: each.sku.lower())
    taken = {product.pk for products in found.values() for product in products}
    left = [product for product in candidates if product.pk not in taken]
    rest = [record for record in records if not found[record.external_id]]
    return found | _one_to_one(rest, left, lambda each: each.full_name.lower())


def _one_to_one(
    records: list[ItemRecord],
    candidates: list[Product],
    key: Callable[[ItemRecord | Product], str],
) -> dict[str, list[Product]]:
    products = defaultdict(list)
    for product in candidates:
        products[key(product)].append(product)
    claims = Counter(key(record) for record in records)
    found: dict[str, list[Product]] = {}
    for record in records:
        mine = products[key(record)] if key(record) else []
        # Two items that claim one product are as unclear as two products for one item.
        found[record.external_id] = mine * 2 if mine and claims[key(record)] > 1 else mine
    return found


def _ask(
    work: Work, asides: Asides, records: list[ItemRecord], matches: dict[str, list[Product]]
) -> None:
    asides.put([Aside(r, Reason.MATCH_UNCLEAR, r.full_name) for r in records])
    for record in records:
        attention.open_item(
            work.connection,
            Cause.PRODUCT_MATCH,
            key=record.external_id,
            facts={
                "item": record.external_id,
                "name": record.full_name,
                "products": sorted({product.pk for product in matches[record.external_id]}),
            },
        )


def _join(work: Work, pairs: list[tuple[ItemRecord, Product]]) -> list[tuple[Any, ...]]:
    links, changed = [], []
    for record, product in pairs:
        merged = merge.first_link(product_fields.here(product), product_fields.there(record))
        work.note_changes(RecordKind.PRODUCT, product, merged.take)
        if merged.take:
            changed.append((product, merged.take))
        links.append(_link_row(work, product.pk, record, list(merged.apart)))
        work.tally.updated += 1
    product_fields.write_products(work, changed)
    return links


def _create(work: Work, records: list[ItemRecord]) -> list[tuple[Any, ...]]:
    if not records:
        return []
    ids = bulk.reserve_ids(Product, len(records))
    rows, links = [], []
    for product_id, record in zip(ids, records, strict=True):
        rows.append(
            (
                product_id,
                *product_fields.there(record).values(),
                Origin.QUICKBOOKS,
                work.now,
                work.now,
            )
        )
        links.append(_link_row(work, product_id, record, []))
        work.note_created(RecordKind.PRODUCT, product_id)
        work.tally.created += 1
    bulk.insert(Product, _PRODUCT, rows)
    return links


def _link_row(work: Work, product_id: int, record: ItemRecord, apart: list[str]) -> tuple[Any, ...]:
    work.applied(record)
    return (product_id, *new_links.values(work, record), apart)
