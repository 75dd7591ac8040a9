from __future__ import annotations

from decimal import Decimal

import pytest

from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.mapping.items import item_from
from integrations.quickbooks.records import Unreadable
from tests.quickbooks import samples


def mapped(**changes):
    return item_from(samples.encoded(samples.item(**changes)))


def test_r11_every_synced_field_is_read():
    record = mapped()
    assert (record.external_id, record.sync_token, record.active) == ("18", 0, True)
    assert (record.name, record.full_name) == ("Oak board", "Timber:Oak board")
    assert (record.sku, record.description) == ("OB-20", "Sawn oak\nkiln dried")
    assert record.unit_price == Decimal("92.5633333")
    assert (record.kind, record.taxable, record.income_account_id) == ("noninventory", True, "79")


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("Service", "service"),
        ("NonInventory", "noninventory"),
        ("Inventory", "inventory"),
        ("Group", "bundle"),
        ("Category", "category"),
        ("service", "service"),
    ],
)
def test_r11_the_types_have_our_names(type_, kind):
    assert mapped(Type=type_).kind == kind


def test_a_type_nobody_knows_is_set_aside():
    found = read_record("Item", samples.encoded(samples.item(Type="Assembly")))
    assert isinstance(found, Unreadable)
    assert found.external_id == "18"
    assert found.reason.startswith("QuickBooks sent this product in a form that cannot be read")


def test_a_bundle_has_no_price_and_no_account():
    row = samples.without(samples.item(Type="Group"), "UnitPrice", "IncomeAccountRef", "Sku")
    record = item_from(samples.encoded(row))
    assert (record.unit_price, record.income_account_id, record.sku) == (None, None, "")


def test_r7_suffix_of_a_parent_leaves_the_full_name_too():
    record = mapped(
        Name="Oak board (deleted)", FullyQualifiedName="Timber (deleted 2):Oak board (deleted)"
    )
    assert (record.name, record.full_name) == ("Oak board", "Timber:Oak board")


def test_a_price_keeps_every_digit_of_the_text():
    raw = samples.encoded(samples.item()).replace(b"92.5633333", b"92.56333330000000001")
    assert item_from(raw).unit_price == Decimal("92.56333330000000001")
