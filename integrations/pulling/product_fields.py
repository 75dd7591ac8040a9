"""A product's synced fields on either side (R11)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from contacts.models import Product
from integrations import bulk
from integrations.models import ItemLink
from integrations.pulling.snapshots import item_of
from integrations.pulling.work import Work
from integrations.quickbooks.records import ItemRecord

_PRICE_STEP = Decimal("0.0000001")


def there(record: ItemRecord) -> dict[str, Any]:
    """The fields as the item has them. Outside the US an item has no taxable flag: False."""
    price = record.unit_price
    return {
        "name": record.name,
        "full_name": record.full_name,
        "sku": record.sku,
        "description": record.description,
        "unit_price": None if price is None else price.quantize(_PRICE_STEP),
        "type": record.kind,
        "taxable": bool(record.taxable),
        "active": record.active,
    }


def here(product: Product) -> dict[str, Any]:
    return {name: getattr(product, name) for name in Product.SYNCED_FIELDS}


def base(link: ItemLink) -> dict[str, Any]:
    """The fields both sides last agreed on."""
    return there(item_of(link))


def write_products(work: Work, products: Iterable[tuple[Product, dict[str, Any]]]) -> None:
    """Write changed fields, all products in one statement."""
    rows = []
    for product, take in products:
        for name, value in take.items():
            setattr(product, name, value)
        rows.append((product.pk, *here(product).values(), work.now))
    bulk.update(Product, ("id", *Product.SYNCED_FIELDS, "updated_at"), rows)
