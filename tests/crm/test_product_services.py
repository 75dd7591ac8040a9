from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import FieldChange, Origin, Product, ProductType, RecordKind
from contacts.services.products import (
    NameTakenError,
    ReadOnlyProductError,
    archive_product,
    create_product,
    unarchive_product,
    update_product,
)

pytestmark = pytest.mark.django_db


def entries(product):
    return [
        (c.field, c.old, c.new)
        for c in FieldChange.objects.filter(kind=RecordKind.PRODUCT, record_id=product.pk).order_by(
            "id"
        )
    ]


def test_r11_new_product_is_announced_with_what_it_holds(staff, announced):
    product = create_product({"name": "Mowing", "unit_price": Decimal("19.95")}, by=staff)

    product.refresh_from_db()
    assert (product.full_name, product.origin, product.active) == ("Mowing", "crm", True)
    (call,) = announced
    assert call["record"] == product
    assert call["fields"] == {"name", "full_name", "unit_price", "type", "taxable", "active"}
    assert call["origin"] == Origin.CRM


def test_r12_a_name_in_use_is_refused_ignoring_case():
    holder = create_product({"name": "Mowing"})

    with pytest.raises(NameTakenError) as refusal:
        create_product({"name": "mowing"})

    assert refusal.value.holder == holder
    assert Product.objects.count() == 1


def test_r10_update_writes_and_announces_only_what_differs(staff, announced):
    product = create_product({"name": "Mowing", "unit_price": Decimal("10"), "sku": "M"})
    Product.objects.filter(pk=product.pk).update(sku="M-2")  # a sync wrote meanwhile
    announced.clear()

    changed = update_product(
        product, {"name": "Mowing", "unit_price": Decimal("12.5000000")}, by=staff
    )

    product.refresh_from_db()
    assert changed == {"unit_price"}
    assert (product.unit_price, product.sku) == (Decimal("12.5"), "M-2")
    assert [c["fields"] for c in announced] == [{"unit_price"}]
    assert entries(product)[1:] == [("unit_price", "10", "12.5")]


def test_r11_a_renamed_product_stays_in_its_category(announced):
    product = Product.objects.create(name="Lawn", full_name="Garden:Lawn", origin="quickbooks")

    changed = update_product(product, {"name": "Meadow"})

    product.refresh_from_db()
    assert product.full_name == "Garden:Meadow"
    assert changed == {"name", "full_name"}


def test_r11_bundles_are_read_only(announced):
    bundle = Product.objects.create(name="Kit", full_name="Kit", type=ProductType.BUNDLE)

    with pytest.raises(ReadOnlyProductError):
        update_product(bundle, {"name": "Other"})

    bundle.refresh_from_db()
    assert bundle.name == "Kit"
    assert announced == []


def test_r22_archiving_announces_nothing(announced):
    product = create_product({"name": "Mowing"})
    announced.clear()

    archive_product(product)
    product.refresh_from_db()
    assert product.archived_at is not None

    unarchive_product(product)
    product.refresh_from_db()
    assert product.archived_at is None
    assert announced == []
