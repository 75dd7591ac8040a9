"""Products and services (facts 4.2)."""

from __future__ import annotations

from integrations.emulator import faults
from integrations.emulator.books import Books, ref
from integrations.emulator.entities.kind import LISTED, Filter, Kind, json_text
from integrations.emulator.entities.names import (
    check_name,
    check_unique,
    place_under_parent,
    rename_children,
    rename_when_inactive,
)
from integrations.emulator.jsontext import Json, decimal, number

TYPES = ("Inventory", "Service", "NonInventory", "Category", "Group")
ACCOUNTS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")


def complete_item(books: Books, body: Json, before: Json | None) -> None:
    if not body.get("Name"):
        raise faults.missing("Name")
    if not body.get("Type"):
        raise faults.missing("Type")
    if body["Type"] not in TYPES:
        raise faults.invalid_enumeration("Type", body["Type"])
    check_name(books, body, "Name")
    body.setdefault("Active", True)
    if before:
        rename_when_inactive(books, "Item", body, before, "Name")
    if body.get("ParentRef"):
        parent = books.get("Item", str(body["ParentRef"].get("value"))) or {}
        body["SubItem"] = True
        body["ParentRef"] = {
            "value": str(body["ParentRef"].get("value")),
            "name": parent.get("FullyQualifiedName", ""),
        }
    place_under_parent(books, "Item", body, "Name", "Items")
    check_unique(books, "Item", body, "Name")
    if body["Type"] == "Category":
        return
    _complete_accounts(books, body)
    _complete_prices(books, body)
    _complete_stock(body)


def _complete_accounts(books: Books, body: Json) -> None:
    if body["Type"] in ("Inventory", "Service", "NonInventory") and not body.get(
        "IncomeAccountRef"
    ):
        raise faults.missing("IncomeAccountRef")
    if body["Type"] == "Inventory":
        for key in ("ExpenseAccountRef", "AssetAccountRef", "QtyOnHand", "InvStartDate"):
            if body.get(key) in (None, ""):
                raise faults.missing(key)
    for key in ACCOUNTS:
        if body.get(key):
            account = books.referenced("Account", body[key], "Accounts")
            if key == "IncomeAccountRef" and account["Classification"] != "Revenue":
                raise faults.account_type()
            body[key] = ref(account)


def _complete_prices(books: Books, body: Json) -> None:
    for key in ("UnitPrice", "PurchaseCost"):
        value = body.get(key, 0 if body["Type"] != "Group" else None)
        if value is not None:
            try:
                body[key] = number(decimal(value))
            except ValueError as error:
                raise faults.invalid_number(key, value) from error
    if books.company.is_us:
        body.setdefault("Taxable", False)
    else:
        body.pop("Taxable", None)  # facts 4.2: US only
        body.setdefault("SalesTaxIncluded", False)


def _complete_stock(body: Json) -> None:
    body["TrackQtyOnHand"] = body["Type"] == "Inventory"
    if body["Type"] != "Inventory":
        body.pop("QtyOnHand", None)


def settle_item(books: Books, before: Json | None, after: Json | None) -> None:
    rename_children(books, "Item", before, after)


ITEM = Kind(
    "Item",
    filters={
        **LISTED,
        "Sku": Filter("number"),
        "Type": json_text("Type"),
        "ParentRef": Filter("parent"),
        "Description": json_text("Description"),
        "UnitPrice": Filter("json_extract(body, '$.UnitPrice')", "number"),
    },
    read_only=frozenset({"FullyQualifiedName", "Level"}),
    lengths={"Name": 100, "Sku": 100, "Description": 4000, "PurchaseDesc": 1000},
    has_active=True,
    complete=complete_item,
    settle=settle_item,
)
