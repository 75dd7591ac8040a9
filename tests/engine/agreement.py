"""Both sides compared: the emulator's raw store with what a user sees in the CSV exports.

Judged apart from the code under test: nothing of the mapping or the engine is imported here.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

DELETED = re.compile(r" \(deleted( \d+)?\)$")


def export(client, path, **params):
    """The rows of a CSV export, as a person would download it."""
    response = client.get(path, {"format": "csv", **params})
    assert response.status_code == 200, response.status_code
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def assert_contacts_agree(client, store):
    """Every active customer with an address is a contact with its main customer's fields."""
    shown = {row["email"].lower(): row for row in export(client, "/contacts/")}
    expected = {}
    for customer in store.get("Customer", []):
        address = _address(customer)
        if address and customer.get("Active", True):
            expected.setdefault(address.lower(), []).append(customer)
    assert set(shown) == set(expected)
    for address, customers in expected.items():
        main = min(customers, key=lambda c: ("ParentRef" in c, int(c["Id"])))
        row = shown[address]
        assert row["quickbooks_id"] in {c["Id"] for c in customers}
        billing = main.get("BillAddr", {})
        assert {
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "company": row["company"],
            "phone": row["phone"],
            "line1": row["line1"],
            "city": row["city"],
            "postal_code": row["postal_code"],
        } == {
            "first_name": _text(main.get("GivenName")),
            "last_name": _text(main.get("FamilyName")),
            "company": _text(main.get("CompanyName")),
            "phone": _text(main.get("PrimaryPhone", {}).get("FreeFormNumber")),
            "line1": _text(billing.get("Line1")),
            "city": _text(billing.get("City")),
            "postal_code": _text(billing.get("PostalCode")),
        }
        assert row["marketing_status"] == "non_marketable"


def assert_products_agree(client, store):
    """Every active item that is not a category is a product."""
    shown = {row["quickbooks_id"]: row for row in export(client, "/products/")}
    expected = {
        item["Id"]: item
        for item in store.get("Item", [])
        if item["Type"] != "Category" and item.get("Active", True)
    }
    assert expected.keys() <= shown.keys()
    for external_id, item in expected.items():
        row = shown[external_id]
        assert row["name"] == _text(item["Name"])
        assert row["sku"] == _text(item.get("Sku"))
        if "UnitPrice" in item:
            assert Decimal(row["unit_price"]) == Decimal(str(item["UnitPrice"]))


def assert_invoices_agree(client, store, *, since=frozenset()):
    """The invoices of `since` (ids) are here to the cent; no other QuickBooks invoice is."""
    shown = {row["quickbooks_id"]: row for row in export(client, "/invoices/")}
    live = {row["Id"]: row for row in store.get("Invoice", []) if row["Id"] in since}
    assert set(shown) == set(since)
    for external_id, invoice in live.items():
        row = shown[external_id]
        voided = invoice.get("PrivateNote", "").startswith("Voided")
        assert Decimal(row["balance"]) == Decimal(str(invoice["Balance"]))
        if voided:
            assert row["status"] == "void"
        else:
            assert Decimal(row["total"]) == Decimal(str(invoice["TotalAmt"]))
            assert row["quickbooks_number"] == invoice.get("DocNumber", "")
            assert row["issue_date"] == invoice["TxnDate"]
    for external_id in set(since) - live.keys():
        assert shown[external_id]["status"] == "void"
        assert Decimal(shown[external_id]["balance"]) == 0


def _address(customer):
    told = customer.get("PrimaryEmailAddr", {}).get("Address", "")
    first = re.split(r"[,;]", told)[0].strip()
    return first if "@" in first else ""


def _text(value):
    """As a person reads it: no control characters, ordinary blanks, trimmed, not "(deleted)"."""
    plain = "".join(" " if c == "\xa0" else c for c in value or "" if c >= " " or c in "\n\t")
    return DELETED.sub("", plain.strip())
