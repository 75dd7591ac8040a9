from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import FieldChange, Product
from contacts.record_states import RecordState
from tests.crm.pages import form, words
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def opened(browser, product):
    return form(browser.get(f"/products/{product.pk}/edit/"), "name")


def test_r10_form_saves_only_what_the_person_changed(browser, announced):
    product = ProductFactory(
        name="Mowing", sku="M", unit_price=Decimal("19.9500000"), description="two\nlines"
    )
    sent = opened(browser, product)
    Product.objects.filter(pk=product.pk).update(sku="M-2", active=False)  # the sync, meanwhile

    browser.post(f"/products/{product.pk}/edit/", sent | {"unit_price": "20"})

    product.refresh_from_db()
    assert (product.unit_price, product.sku, product.active) == (Decimal(20), "M-2", False)
    assert product.description == "two\nlines"
    assert [c["fields"] for c in announced] == [{"unit_price"}]


def test_saving_untouched_changes_nothing(browser, announced):
    product = ProductFactory(
        unit_price=Decimal("0.1428571"), description="\n\na\r\nb ", taxable=True, active=False
    )
    before = Product.objects.values().get(pk=product.pk)

    browser.post(f"/products/{product.pk}/edit/", opened(browser, product))

    assert Product.objects.values().get(pk=product.pk) == before
    assert announced == []
    assert not FieldChange.objects.exists()


def test_a_box_can_be_unticked_and_ticked(browser):
    product = ProductFactory(taxable=True, active=True)
    sent = opened(browser, product)
    del sent["active"], sent["taxable"]

    browser.post(f"/products/{product.pk}/edit/", sent)
    product.refresh_from_db()
    assert (product.taxable, product.active) == (False, False)

    browser.post(f"/products/{product.pk}/edit/", opened(browser, product) | {"active": "on"})
    product.refresh_from_db()
    assert (product.taxable, product.active) == (False, True)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Name cannot be empty."),
        ("name", "a:b", "A name cannot contain a colon"),
        ("name", "x" * 101, "Name can have at most 100 characters in QuickBooks; this has 101."),
        ("sku", "x" * 101, "SKU can have at most 100 characters in QuickBooks; this has 101."),
        ("description", "x" * 4001, "Description can have at most 4,000 characters"),
        ("unit_price", "-1", "A price cannot be below zero."),
        ("unit_price", "1.12345678", "A price can have at most 7 decimals in QuickBooks."),
        ("unit_price", "100000000000", "QuickBooks holds prices up to 99,999,999,999."),
        ("unit_price", "abc", "Enter the price as a number"),
        ("unit_price", "NaN", "Enter the price as a number"),
        ("unit_price", "1e400", "QuickBooks holds prices up to"),
        ("type", "bundle", "Select a valid choice."),
        ("type", "inventory", "Select a valid choice."),
    ],
)
def test_r11_what_quickbooks_would_refuse_is_refused_in_words(browser, field, value, sentence):
    sent = {"name": "Mowing", "type": "service"} | {field: value}

    response = browser.post("/products/new/", sent)

    assert sentence in words(response)
    assert not Product.objects.exists()


@pytest.mark.parametrize("price", ["0", "0.0000001", "99999999999", ""])
def test_r11_prices_at_the_limits_are_accepted(browser, price):
    browser.post("/products/new/", {"name": "Mowing", "type": "service", "unit_price": price})

    assert Product.objects.get().unit_price == (Decimal(price) if price else None)


def test_r12_taken_name_leads_to_its_product(browser):
    holder = ProductFactory(name="Mowing")

    response = browser.post("/products/new/", {"name": "mowing", "type": "service"})

    assert f'<a href="/products/{holder.pk}/">Mowing</a> has this name already.' in (
        response.content.decode()
    )
    assert Product.objects.count() == 1


def test_r12_type_is_settled_once_quickbooks_knows_the_product(browser, states):
    product = ProductFactory()
    assert "type" in opened(browser, product)

    states["product", product.pk] = RecordState("In step", "ok", external_id="7")
    sent = opened(browser, product)
    assert "type" not in sent
    browser.post(f"/products/{product.pk}/edit/", sent | {"type": "noninventory"})

    product.refresh_from_db()
    assert product.type == "service"


def test_r11_an_inventory_product_keeps_its_type(browser):
    product = ProductFactory(type="inventory", sku="A")

    browser.post(f"/products/{product.pk}/edit/", opened(browser, product) | {"sku": "B"})

    product.refresh_from_db()
    assert (product.type, product.sku) == ("inventory", "B")


def test_r11_bundles_have_no_form(browser, announced):
    bundle = ProductFactory(type="bundle", name="Kit")

    page = browser.get(f"/products/{bundle.pk}/")
    assert f"/products/{bundle.pk}/edit/" not in page.content.decode()
    assert "A bundle is read-only here." in words(page)

    for method in (browser.get, browser.post):
        response = method(f"/products/{bundle.pk}/edit/", {"name": "Other"}, follow=True)
        assert "A bundle is changed in QuickBooks only" in words(response)
    bundle.refresh_from_db()
    assert bundle.name == "Kit"
    assert announced == []


def test_new_product_is_added_and_shown(browser):
    response = browser.post(
        "/products/new/",
        {"name": "Mowing", "type": "noninventory", "unit_price": "19.95", "taxable": "on"},
        follow=True,
    )

    product = Product.objects.get()
    assert (product.type, product.taxable, product.active) == ("noninventory", True, True)
    assert "Mowing was added." in words(response)


def test_a_price_may_be_typed_with_its_thousands_apart_as_on_invoices(browser):
    browser.post("/products/new/", {"name": "Big", "type": "service", "unit_price": "1,234.5"})
    assert Product.objects.get(name="Big").unit_price == Decimal("1234.5")
