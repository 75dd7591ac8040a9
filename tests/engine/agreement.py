"""Both sides compared: the emulator's raw store with what a user sees in the CSV exports.

Judged apart from the code under test: nothing of the mapping or the engine is imported here.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

TYPES = {
    "Service": "service",
    "NonInventory": "noninventory",
    "Inventory": "inventory",
    "Group": "bundle",
}
CREDITED = re.compile(r"Credited in QuickBooks</th>\s*<td[^>]*>[^\d]*([\d,.]+)")
DELETED = re.compile(r" \(deleted( \d+)?\)$")


def export(client, path, **params):
    """The rows of a CSV export, as a person would download it."""
    response = client.get(path, {"format": "csv", **params})
    assert response.status_code == 200, response.status_code
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def assert_contacts_agree(client, store, *, known=frozenset(), alone=frozenset()):
    """Every active customer with an address is a contact with its main customer's fields.

    So are inactive ones that were `known` (ids) while they were active. The contacts of `alone`
    (addresses) have no customer any more: theirs was merged into another one. They name none that
    is still there, and say so.
    """
    shown = {row["email"].lower(): row for row in export(client, "/contacts/")}
    there = {customer["Id"] for customer in store.get("Customer", [])}
    for address in alone:
        row = shown.pop(address)
        assert row["quickbooks_id"] not in there
        assert row["sync_state"] in ("gone", "not_synced")
    expected = {}
    for customer in store.get("Customer", []):
        address = address_of(customer)
        if address and (customer.get("Active", True) or customer["Id"] in known):
            expected.setdefault(address.lower(), []).append(customer)
    assert set(shown) == set(expected), set(shown) ^ set(expected)
    for address, customers in expected.items():
        main = min(customers, key=lambda c: ("ParentRef" in c, int(c["Id"])))
        row = shown[address]
        assert row["quickbooks_id"] in {c["Id"] for c in customers}
        told = told_fields(main)
        assert {name: row[name] for name in told} == told
        assert row["marketing_status"] == "non_marketable"


def assert_products_agree(client, store, *, seen=None):
    """Every active item that is not a category is a product, and nothing that never was one.

    `seen`: the ids of items that were seen while they were active, and of those that may have
    been: an inactive one of the former is a product and one of the latter may be; none else is.
    What is a product says whether its item is active, or gone: merged into another one.
    """
    rows = export(client, "/products/")
    shown = {row["quickbooks_id"]: row for row in rows if row["quickbooks_id"]}
    assert len(shown) == sum(1 for row in rows if row["quickbooks_id"])
    items = {item["Id"]: item for item in store.get("Item", []) if item["Type"] != "Category"}
    known, possible = seen or (set(), {*shown})
    active = {external_id for external_id, item in items.items() if item.get("Active", True)}
    assert active | known <= shown.keys() <= active | possible
    for external_id, row in shown.items():
        if external_id in items:
            _assert_product_agrees(row, items[external_id])
        else:
            assert row["sync_state"] == "gone"


def _assert_product_agrees(row, item):
    assert row["name"] == _text(item["Name"])
    assert row["sku"] == _text(item.get("Sku"))
    assert row["description"] == _text(item.get("Description"))
    assert row["type"] == TYPES[item["Type"]]
    assert row["active"] == ("true" if item.get("Active", True) else "false")
    if "UnitPrice" in item:
        assert Decimal(row["unit_price"]) == Decimal(str(item["UnitPrice"]))
    else:
        assert row["unit_price"] == ""


def assert_invoices_agree(client, store, *, since=frozenset()):
    """The invoices of `since` (ids) are here to the cent; no other QuickBooks invoice is."""
    shown = {row["quickbooks_id"]: row for row in export(client, "/invoices/")}
    live = {row["Id"]: row for row in store.get("Invoice", []) if row["Id"] in since}
    assert set(shown) == set(since), set(shown) ^ set(since)
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


def assert_credits_agree(client, store, *, since):
    """What lowered the balance of a live invoice besides money is *credited*, and nothing else."""
    expected = {}
    for payment in store.get("Payment", []):
        for line in payment["Line"] if not payment["TotalAmt"] else ():
            if line["LinkedTxn"][0]["TxnType"] == "Invoice":
                each = line["LinkedTxn"][0]["TxnId"]
                expected[each] = expected.get(each, 0) + Decimal(str(line["Amount"]))
    live = {row["Id"] for row in store.get("Invoice", []) if row["Id"] in since}
    for row in export(client, "/invoices/"):
        # A page is slow to read, and of one with nothing off its total nothing was credited.
        if row["quickbooks_id"] in live and (
            row["balance"] != row["total"] or row["quickbooks_id"] in expected
        ):
            page = client.get(f"/invoices/{row['id']}/").content.decode()
            shown = CREDITED.search(page)
            credited = Decimal(shown[1].replace(",", "")) if shown else Decimal(0)
            assert credited == expected.get(row["quickbooks_id"], 0)


def assert_lines_agree(client, store, *, since):
    """The lines of a live invoice are those of QuickBooks, bundles expanded, with its amounts."""
    shown = {}
    for row in export(client, "/invoices/", lines=1):
        shown.setdefault(row["quickbooks_id"], []).append(row)
    for invoice in store.get("Invoice", []):
        if invoice["Id"] not in since or invoice.get("PrivateNote", "").startswith("Voided"):
            continue
        told = list(_lines(invoice["Line"]))
        rows = sorted(shown.get(invoice["Id"], []), key=lambda row: int(row["line"]))
        assert [_text(row["description"]) for row in rows] == [
            _text(line.get("Description")) for line in told
        ]
        for row, line in zip(rows, told, strict=True):
            detail = line.get("SalesItemLineDetail", {})
            for column, value in (
                ("quantity", detail.get("Qty")),
                ("unit_price", detail.get("UnitPrice")),
                ("amount", line.get("Amount")),
            ):
                if value is not None:
                    assert Decimal(row[column]) == Decimal(str(value))


def welcome_customers(store):
    """The ids of customers that become contacts."""
    return {
        customer["Id"]
        for customer in store.get("Customer", [])
        if address_of(customer) and customer.get("Active", True)
    }


def address_of(customer):
    told = customer.get("PrimaryEmailAddr", {}).get("Address", "")
    first = re.split(r"[,;]", told)[0].strip()
    return first if "@" in first else ""


def invoices_of(store, customers):
    """The ids of the invoices of these customers (ids)."""
    rows = store.get("Invoice", [])
    return {row["Id"] for row in rows if row["CustomerRef"]["value"] in customers}


def _lines(lines):
    for line in lines:
        if line["DetailType"] == "GroupLineDetail":
            yield from _lines(line["GroupLineDetail"].get("Line", []))
        elif line["DetailType"] in ("SalesItemLineDetail", "DescriptionOnly"):
            yield line


def told_fields(customer):
    billing = customer.get("BillAddr", {})
    return {
        "first_name": _text(customer.get("GivenName")),
        "middle_name": _text(customer.get("MiddleName")),
        "last_name": _text(customer.get("FamilyName")),
        "company": _text(customer.get("CompanyName")),
        "phone": _text(customer.get("PrimaryPhone", {}).get("FreeFormNumber")),
        **{f"line{number}": _text(billing.get(f"Line{number}")) for number in range(1, 6)},
        "city": _text(billing.get("City")),
        "region": _text(billing.get("CountrySubDivisionCode")),
        "postal_code": _text(billing.get("PostalCode")),
        "country": _text(billing.get("Country")),
    }


def _text(value):
    """As a person reads it: no control characters, ordinary blanks, trimmed, not "(deleted)"."""
    plain = "".join(" " if c == "\xa0" else c for c in value or "" if c >= " " or c in "\n\t")
    return DELETED.sub("", plain.strip())
