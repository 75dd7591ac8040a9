"""QuickBooks items become products, or change the product they are linked to (R11)."""

from __future__ import annotations

from collections.abc import Iterable

from contacts.models import Product, RecordKind
from integrations import bulk, merge
from integrations.models import ItemLink, Reason
from integrations.pulling import product_fields
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.item_linking import link_items
from integrations.pulling.set_aside import Aside, put_aside
from integrations.pulling.work import Work
from integrations.quickbooks.records import ItemRecord

Rows = list[tuple[ItemLink, ItemRecord]]


def apply_items(work: Work, records: Iterable[ItemRecord]) -> None:
    """Apply one page. Categories are not products; inactive items make no new ones (R3)."""
    newest = [record for record in newest_of_each(records) if record.kind != "category"]
    if not newest:
        return
    links = {
        link.external_id: link
        for link in ItemLink.objects.select_for_update()
        .filter(connection=work.connection, external_id__in=[r.external_id for r in newest])
        .order_by("id")
    }
    apply_changes(work, [(links[r.external_id], r) for r in newest if r.external_id in links])
    new = [r for r in newest if r.external_id not in links]
    put_aside(work, [Aside(r, Reason.INACTIVE, r.full_name) for r in new if not r.active])
    link_items(work, [r for r in new if r.active])


def apply_changes(work: Work, rows: Rows) -> None:
    """Apply newer versions; stale rows and echoes change nothing."""
    news = [(link, record) for link, record in rows if is_newer(record, link)]
    work.tally.unchanged += len(rows) - len(news)
    if not news:
        return
    products = {
        product.pk: product
        for product in Product.objects.select_for_update()
        .filter(pk__in=[link.product_id for link, _ in news])
        .order_by("pk")
        .defer("words")
    }
    changed = []
    for link, record in news:
        product = products[link.product_id]
        merged = merge.three_way(
            product_fields.base(link),
            product_fields.here(product),
            product_fields.there(record),
            link.apart,
        )
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
    work.tally.updated += len(changed)
    work.tally.unchanged += len(news) - len(changed)
