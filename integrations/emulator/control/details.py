"""How a record looks on its own page."""

from __future__ import annotations

import json
from typing import Any

from integrations.emulator.books import Books
from integrations.emulator.control.lists import COLUMNS, PLURAL, href, row, tags
from integrations.emulator.entities.allocations import kind_of, links_of
from integrations.emulator.jsontext import Json, decimal, money
from integrations.emulator.templating import amount


def record_page(books: Books, entity: str, body: Json) -> dict[str, Any]:
    shown = {"Customer": _customer, "Item": _item, "Invoice": _invoice, "Payment": _payment}
    values = shown[entity](books, body)
    return values | {
        "path": href(books, entity, body["Id"]),
        "tags": tags(entity, body),
        "raw": json.dumps(body, indent=2, ensure_ascii=False),
    }


def _address(address: Json | None) -> str:
    keys = (
        "Line1",
        "Line2",
        "Line3",
        "Line4",
        "City",
        "CountrySubDivisionCode",
        "PostalCode",
        "Country",
    )
    return ", ".join(str(address[key]) for key in keys if address and address.get(key))


def _table(books: Books, title: str, entity: str, bodies: list[Json]) -> list[dict[str, Any]]:
    if not bodies:
        return []
    return [
        {
            "title": title,
            "columns": COLUMNS[PLURAL[entity]],
            "rows": [row(books, entity, body) for body in bodies],
        }
    ]


def _customer(books: Books, body: Json) -> dict[str, Any]:
    mine = "customer=? order by txn_date desc, seq desc limit 50"
    parent = body.get("ParentRef")
    return {
        "heading": body["FullyQualifiedName"],
        "edit": True,
        "mergeable": True,
        "verbs": _active_verbs(body),
        "facts": [
            ("Id", body["Id"], ""),
            ("Company", body.get("CompanyName"), ""),
            ("First name", body.get("GivenName"), ""),
            ("Last name", body.get("FamilyName"), ""),
            ("E-mail", (body.get("PrimaryEmailAddr") or {}).get("Address"), ""),
            ("Phone", (body.get("PrimaryPhone") or {}).get("FreeFormNumber"), ""),
            ("Address", _address(body.get("BillAddr")), ""),
            (
                "Part of",
                parent and parent["value"],
                parent and href(books, "Customer", parent["value"]),
            ),
            ("Balance", amount(body["Balance"], body["CurrencyRef"]["value"]), ""),
            ("SyncToken", body["SyncToken"], ""),
            ("Changed", body["MetaData"]["LastUpdatedTime"], ""),
        ],
        "tables": [
            *_table(
                books,
                "Sub-customers",
                "Customer",
                books.find("Customer", "parent=? order by +name", (body["Id"],)),
            ),
            *_table(books, "Invoices", "Invoice", books.find("Invoice", mine, (body["Id"],))),
            *_table(books, "Payments", "Payment", books.find("Payment", mine, (body["Id"],))),
        ],
    }


def _active_verbs(body: Json) -> list[tuple[str, str, str]]:
    if body.get("Active") is False:
        return [("reactivate", "Make active", "")]
    return [("inactivate", "Make inactive", "")]


def _item(books: Books, body: Json) -> dict[str, Any]:
    parts = [
        {
            "cells": [part["ItemRef"].get("name", part["ItemRef"]["value"]), part.get("Qty", 1)],
            "href": href(books, "Item", part["ItemRef"]["value"]),
        }
        for part in (body.get("ItemGroupDetail") or {}).get("ItemGroupLine", [])
    ]
    return {
        "heading": body["FullyQualifiedName"],
        "edit": True,
        "verbs": _active_verbs(body),
        "facts": [
            ("Id", body["Id"], ""),
            ("Type", body["Type"], ""),
            ("SKU", body.get("Sku"), ""),
            ("Description", body.get("Description"), ""),
            (
                "Price",
                amount(body["UnitPrice"], books.company.currency) if "UnitPrice" in body else "",
                "",
            ),
            ("Taxable", {True: "yes", False: "no"}.get(body.get("Taxable", "")), ""),
            ("Income account", (body.get("IncomeAccountRef") or {}).get("name"), ""),
            ("SyncToken", body["SyncToken"], ""),
            ("Changed", body["MetaData"]["LastUpdatedTime"], ""),
        ],
        "tables": [
            {
                "title": "In this bundle",
                "columns": [("Item", ""), ("Quantity", "num")],
                "rows": parts,
            }
        ]
        if parts
        else [],
    }


def _invoice(books: Books, body: Json) -> dict[str, Any]:
    currency = body["CurrencyRef"]["value"]
    customer = body["CustomerRef"]
    void = str(body.get("PrivateNote", "")).startswith("Voided")
    verbs = [] if void else [("void", "Void", ""), ("send", "Mark as e-mailed", "")]
    lines = [{"cells": _line(line, currency)} for line in body["Line"]]
    tax = body["TxnTaxDetail"].get("TotalTax", 0)
    totals = [("Tax", tax), ("Total", body["TotalAmt"]), ("Open", body["Balance"])]
    lines += [{"cells": [label, "", "", amount(value, currency)]} for label, value in totals]
    return {
        "heading": f"Invoice {body.get('DocNumber', '(no number)')}",
        "edit": not void,
        "owed": money(decimal(body["Balance"])) if body["Balance"] else "",
        "verbs": [*verbs, ("delete", "Delete", "danger")],
        "facts": [
            ("Id", body["Id"], ""),
            ("Customer", customer["name"], href(books, "Customer", customer["value"])),
            ("Date", body["TxnDate"], ""),
            ("Due", body.get("DueDate"), ""),
            ("E-mail", (body.get("BillEmail") or {}).get("Address"), ""),
            ("E-mail state", body.get("EmailStatus"), ""),
            ("Bill to", _address(body.get("BillAddr")), ""),
            ("Private note", body.get("PrivateNote"), ""),
            ("SyncToken", body["SyncToken"], ""),
            ("Changed", body["MetaData"]["LastUpdatedTime"], ""),
        ],
        "tables": [
            {
                "title": "Lines",
                "rows": lines,
                "columns": [
                    ("Description", "wide"),
                    ("Quantity", "num"),
                    ("Price", "num"),
                    ("Amount", "num"),
                ],
            },
            *_table(
                books,
                "Payments",
                "Payment",
                [
                    found
                    for link in body.get("LinkedTxn", [])
                    if link["TxnType"] == "Payment"
                    and (found := books.get("Payment", link["TxnId"]))
                ],
            ),
        ],
    }


def _line(line: Json, currency: str) -> list[Any]:
    detail = line.get("SalesItemLineDetail", {})
    name = (detail.get("ItemRef") or {}).get("name", "")
    words = {"SubTotalLineDetail": "Subtotal", "DiscountLineDetail": "Discount"}.get(
        line["DetailType"], line.get("Description", "") or name
    )
    if name and name != words:
        words = f"{name}: {words}"
    price = amount(detail["UnitPrice"], currency) if "UnitPrice" in detail else ""
    sign = -1 if line["DetailType"] == "DiscountLineDetail" else 1
    value = amount(sign * line["Amount"], currency) if "Amount" in line else ""
    return [words, detail.get("Qty", ""), price, value]


def _payment(books: Books, body: Json) -> dict[str, Any]:
    currency = body["CurrencyRef"]["value"]
    void = str(body.get("PrivateNote", "")).startswith("Voided")
    deposit = [] if body.get("LinkedTxn") else [("deposit", "Deposit in bank", "")]
    applied = []
    for (kind, record_id), value in links_of(body).items():
        target = books.get(kind, record_id) or {}
        where = href(books, "Invoice", record_id) if kind == "Invoice" else ""
        label = f"{kind_of(target)} {target.get('DocNumber', record_id)}"
        applied.append({"cells": [label, amount(value, currency)], "href": where})
    customer = body["CustomerRef"]
    return {
        "heading": f"Payment {body.get('PaymentRefNum', '')}".strip(),
        "edit": False,
        "verbs": [
            *([] if void else [("void", "Void", ""), *deposit]),
            ("delete", "Delete", "danger"),
        ],
        "facts": [
            ("Id", body["Id"], ""),
            ("Customer", customer["name"], href(books, "Customer", customer["value"])),
            ("Date", body["TxnDate"], ""),
            ("Amount", amount(body["TotalAmt"], currency), ""),
            ("Unapplied", amount(body["UnappliedAmt"], currency), ""),
            ("Private note", body.get("PrivateNote"), ""),
            ("SyncToken", body["SyncToken"], ""),
            ("Changed", body["MetaData"]["LastUpdatedTime"], ""),
        ],
        "tables": [
            {
                "title": "Applied to",
                "columns": [("Transaction", ""), ("Amount", "num")],
                "rows": applied,
            }
        ]
        if applied
        else [],
    }
