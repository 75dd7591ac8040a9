"""QuickBooks items become products, or change the product they are linked to (R11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contacts.models import Product, RecordKind
from integrations import bulk, merge
from integrations.models import ItemLink, Reason
from integrations.not_taken import close_what_agrees
from integrations.pulling import product_fields
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.item_linking import close_questions, link_items
from integrations.pulling.locks import linked
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.work import Work
from integrations.quickbooks.records import ItemRecord

Rows = list[tuple[ItemLink, ItemRecord]]


def apply_items(work: Work, records: Iterable[ItemRecord]) -> None:
    """Apply one page. Categories are not products; inactive items make no new ones (R3)."""
    newest = [record for record in newest_of_each(records) if record.kind != "category"]
    if not newest:
        return
    links, products = linked(work, ItemLink, Product, "product", newest)
    asides = Asides(work, ItemRecord.entity, [record.external_id for record in newest])
    known = [
        (link, record)
        for record in newest
        # A person may have said to leave it alone (R22).
        if (link := links.get(record.external_id)) and link.frozen_at is None
    ]
    _apply_changes(work, products, asides, known)
    new, skipped = [], []
    for record in newest:
        if record.external_id in links:
            continue
        if not record.active:
            skipped.append(Aside(record, Reason.INACTIVE, record.full_name))
        elif asides.is_unwanted(record.external_id):
            skipped.append(Aside(record, Reason.NOT_WANTED, record.full_name))
        else:
            new.append(record)
    asides.put(skipped)
    close_questions(
        work, [each.record for each in skipped if asides.is_unclear(each.record.external_id)]
    )
    link_items(work, asides, new)


def _apply_changes(work: Work, products: Mapping[int, Product], asides: Asides, rows: Rows) -> None:
    """Apply newer versions; stale rows and echoes change nothing."""
    news = [(link, record) for link, record in rows if is_newer(record, link)]
    work.tally.unchanged += len(rows) - len(news)
    if not news:
        return
    asides.let_in([record.external_id for _, record in news])
    changed = []
    agreed: dict[int, list[str]] = {}
    for link, record in news:
        product = products[link.product_id]
        merged = merge.three_way(
            product_fields.base(link),
            product_fields.here(product),
            product_fields.there(record),
            link.apart,
        )
        if {*link.apart} - {*merged.apart}:
            agreed[product.pk] = [*merged.apart]
        link.apart = list(merged.apart)
        if merged.take:
            work.note_changes(RecordKind.PRODUCT, product, merged.take, merged.conflicts)
            changed.append((product, merged.take))
        work.applied(record)
    product_fields.write_products(work, changed)
    bulk.update(
        ItemLink,
        ("id", "sync_token", "remote_updated_at", "snapshot", "in_step_since", "apart"),
        [(link.pk, r.sync_token, r.updated_at, r.raw, work.now, link.apart) for link, r in news],
    )
    close_what_agrees(work.connection, RecordKind.PRODUCT, agreed)
    work.tally.updated += len(changed)
    work.tally.unchanged += len(news) - len(changed)
