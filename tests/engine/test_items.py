"""Items and products: matched one to one, asked about otherwise (R11)."""

from __future__ import annotations

from decimal import Decimal

from contacts.models import FieldChange, Product
from contacts.services.products import update_product
from integrations import links
from integrations.models import Attention, Cause, ItemLink, Reason, SetAside
from tests.factories import ProductFactory
from tests.signing_in import sign_in


def product_of(item):
    return ItemLink.objects.get(external_id=item["Id"]).product


def questions():
    return Attention.objects.filter(cause=Cause.PRODUCT_MATCH, closed_at=None)


def test_r11_sku_goes_before_name_and_no_product_is_matched_twice(connected):
    by_sku = ProductFactory(name="Old name", full_name="Old name", sku="A-1")
    by_name = ProductFactory(name="Coaching", full_name="Coaching", sku="")
    item = connected.item("Consulting", Sku="a-1")
    # Alike in name to what another item has by its SKU.
    stranger = connected.item("Old name")
    hours = connected.item("coaching", "80.00", Description="By the hour")
    connected.pull()

    assert product_of(item) == by_sku
    assert product_of(hours) == by_name
    assert product_of(stranger).pk not in (by_sku.pk, by_name.pk)
    by_name.refresh_from_db()
    assert (by_name.name, by_name.description) == ("coaching", "By the hour")
    assert FieldChange.objects.filter(field="name", old="Coaching", new="coaching").exists()
    assert not SetAside.objects.exists()


def test_r23_question_about_a_product_closes_itself_once_the_match_is_clear(connected):
    first = ProductFactory(name="Coaching", full_name="Coaching", sku="H")
    second = ProductFactory(name="Other hours", full_name="Other hours", sku="H")
    item = connected.item("Advice", Sku="H")
    connected.pull()
    assert SetAside.objects.get().reason == Reason.MATCH_UNCLEAR
    assert sorted(questions().get().facts["products"]) == [first.pk, second.pk]

    # Answered by an edit here ...
    update_product(second, {"sku": "H-2"}, by=connected.admin)
    connected.work()
    assert product_of(item) == first
    assert not questions().exists()

    # ... there ...
    ProductFactory(name="P1", full_name="P1", sku="P")
    ProductFactory(name="P2", full_name="P2", sku="P")
    other = connected.item("Parts", Sku="P")
    connected.pull()
    assert questions().count() == 1
    connected.change("Item", other, Sku="PARTS")
    connected.pull()
    assert product_of(other).name == "Parts"
    assert not questions().exists()

    # ... by inactivating it, and by a person.
    third = connected.item("More parts", Sku="P")
    connected.pull()
    assert questions().count() == 1
    connected.act("Item", third, "inactivate")
    connected.pull()
    assert not questions().exists()
    assert SetAside.objects.get().reason == Reason.INACTIVE
    connected.act("Item", third, "reactivate")
    connected.pull()
    assert questions().count() == 1
    links.choose_product(SetAside.objects.get(), None, connected.admin)
    assert product_of(third).full_name.startswith("More parts")
    assert not questions().exists()
    assert not SetAside.objects.exists()


def test_r11_bundles_come_categories_do_not_and_names_follow(connected):
    category = connected.emulator.add(connected.realm, "Item", {"Name": "Work", "Type": "Category"})
    part = connected.item("Hour", SubItem=True, ParentRef={"value": category["Id"]})
    bundle = connected.emulator.add(
        connected.realm,
        "Item",
        {
            "Name": "Starter kit",
            "Type": "Group",
            "ItemGroupDetail": {"ItemGroupLine": [{"Qty": 2, "ItemRef": {"value": part["Id"]}}]},
        },
    )
    connected.pull()
    made = set(Product.objects.values_list("full_name", "type"))
    assert {("Work:Hour", "service"), ("Starter kit", "bundle")} < made
    assert "Work" not in dict(made)
    assert product_of(bundle).unit_price is None

    update_product(product_of(part), {"description": "Ours"}, by=connected.admin)
    connected.change(
        "Item", part, Name="Hour of work", UnitPrice=90.5, SubItem=False, ParentRef=None
    )
    connected.pull()
    product = product_of(part)
    assert (product.name, product.full_name) == ("Hour of work", "Hour of work")
    assert product.unit_price == Decimal("90.5")
    # A CRM-only edit survives a pull.
    assert product.description == "Ours"


def test_r22_history_keeps_a_price_as_a_persons_edit_would_and_its_page_shows_money(
    connected, client, admin
):
    item = connected.item("Consulting", "75.00")
    connected.pull()
    connected.change("Item", item, UnitPrice=6.5)
    connected.pull()

    change = FieldChange.objects.get(field="unit_price")
    assert (change.old, change.new) == ("75", "6.5")
    sign_in(client, admin)
    page = client.get(product_of(item).get_absolute_url()).content.decode()
    assert "75.00" in page
    assert "75.0000000" not in page
