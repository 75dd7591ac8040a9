"""How records look in lists."""

from __future__ import annotations

from typing import Any

from integrations.emulator.books import Books
from integrations.emulator.jsontext import Json
from integrations.emulator.templating import amount

Tag = tuple[str, str]
KINDS = {"customers": "Customer", "items": "Item", "invoices": "Invoice", "payments": "Payment"}
PLURAL = {entity: plural for plural, entity in KINDS.items()} | {"CreditMemo": "invoices"}
NEW_LABELS = {
    "customers": "New customer",
    "items": "New item",
    "invoices": "New invoice",
    "payments": "Receive payment",
}
HINTS = {
    "customers": "name or e-mail",
    "items": "name or SKU",
    "invoices": "number or customer",
    "payments": "reference or customer",
}
COLUMNS: dict[str, list[tuple[str, str]]] = {
    "customers": [("Name", ""), ("E-mail", "wide"), ("Phone", ""), ("Balance", "num")],
    "items": [("Name", ""), ("SKU", ""), ("Type", ""), ("Price", "num")],
    "invoices": [
        ("Number", ""),
        ("Customer", "wide"),
        ("Date", "day"),
        ("Total", "num"),
        ("Open", "num"),
    ],
    "payments": [
        ("Payment", ""),
        ("Customer", "wide"),
        ("Date", "day"),
        ("Amount", "num"),
        ("Unapplied", "num"),
    ],
}
PAGE_ROWS = 50


def list_page(books: Books, tab: str, words: str, number: int) -> dict[str, Any]:
    """One page of a list with its counts, as the template wants it."""
    entity = KINDS[tab]
    where, values = _search(entity, words)
    scope = (books.realm, entity, *values)
    total = books.store.value(
        f"select count(*) from record where realm=? and entity=? and {where}",  # noqa: S608
        scope,
    )
    pages = max(1, -(-total // PAGE_ROWS))
    number = min(max(number, 1), pages)
    order = "name, seq" if entity in ("Customer", "Item") else "txn_date desc, seq desc"
    bodies = books.find(
        entity,
        f"{where} order by {order} limit {PAGE_ROWS} offset {(number - 1) * PAGE_ROWS}",
        values,
    )
    return {
        "rows": [row(books, entity, body) for body in bodies],
        "columns": COLUMNS[tab],
        "total": total,
        "pages": pages,
        "number": number,
        "q": words,
        "new_label": NEW_LABELS[tab],
        "hint": HINTS[tab],
    }


def _search(entity: str, words: str) -> tuple[str, tuple[str, ...]]:
    if not words:
        return "1=1", ()
    like = "%" + words.casefold().replace("%", "").replace("_", "") + "%"
    second = {
        "Customer": "email",
        "Item": "number",
        "Invoice": "number",
        "Payment": "number",
    }[entity]
    first = (
        "name"
        if entity in ("Customer", "Item")
        else "fold(json_extract(body, '$.CustomerRef.name'))"
    )
    return f"({first} like ? or {second} like ?)", (like, like)


def tags(entity: str, body: Json) -> list[Tag]:
    found: list[Tag] = []
    if body.get("Active") is False:
        found.append(("inactive", "off"))
    if str(body.get("PrivateNote", "")).startswith("Voided"):
        found.append(("void", "off"))
    elif entity == "Invoice" and body["TotalAmt"]:
        if not body["Balance"]:
            found.append(("paid", ""))
        elif body["Balance"] < body["TotalAmt"]:
            found.append(("part paid", "warn"))
    if entity == "Customer" and not (body.get("PrimaryEmailAddr") or {}).get("Address"):
        found.append(("no e-mail", "warn"))
    if entity == "Item" and body["Type"] == "Group":
        found.append(("bundle", "off"))
    return found


def row(books: Books, entity: str, body: Json) -> dict[str, Any]:
    currency = (body.get("CurrencyRef") or {}).get("value", books.company.currency)
    cells = {
        "Customer": lambda: [
            body["FullyQualifiedName"],
            (body.get("PrimaryEmailAddr") or {}).get("Address", ""),
            (body.get("PrimaryPhone") or {}).get("FreeFormNumber", ""),
            amount(body.get("Balance"), currency),
        ],
        "Item": lambda: [
            body["FullyQualifiedName"],
            body.get("Sku", ""),
            body["Type"],
            amount(body["UnitPrice"], currency) if "UnitPrice" in body else "",
        ],
        "Invoice": lambda: [
            body.get("DocNumber", ""),
            body["CustomerRef"]["name"],
            body["TxnDate"],
            amount(body["TotalAmt"], currency),
            amount(body["Balance"], currency),
        ],
        "Payment": lambda: [
            body.get("PaymentRefNum") or f"Payment {body['Id']}",
            body["CustomerRef"]["name"],
            body["TxnDate"],
            amount(body["TotalAmt"], currency),
            amount(body.get("UnappliedAmt"), currency),
        ],
    }[entity]()
    return {"href": href(books, entity, body["Id"]), "cells": cells, "tags": tags(entity, body)}


def href(books: Books, entity: str, record_id: str) -> str:
    return f"/company/{books.realm}/{PLURAL[entity]}/{record_id}"
