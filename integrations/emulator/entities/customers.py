"""Customers, and the vendors and employees that share their names (facts 4.1)."""

from __future__ import annotations

from typing import Any

from integrations.emulator import faults
from integrations.emulator.books import Books
from integrations.emulator.companies import currency_ref
from integrations.emulator.entities.addresses import check_email, number_address
from integrations.emulator.entities.kind import BASE, Filter, Kind, json_text
from integrations.emulator.entities.names import (
    check_name,
    check_unique,
    place_under_parent,
    rename_children,
    rename_when_inactive,
)
from integrations.emulator.jsontext import Json, decimal, money

NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
LENGTHS = {
    "DisplayName": 500,
    "Title": 16,
    "Suffix": 16,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "CompanyName": 100,
    "PrintOnCheckName": 110,
    "Notes": 2000,
    "ResaleNum": 16,
    "PrimaryEmailAddr.Address": 100,
    "PrimaryPhone.FreeFormNumber": 30,
    "AlternatePhone.FreeFormNumber": 30,
    "Mobile.FreeFormNumber": 30,
    "Fax.FreeFormNumber": 30,
    "WebAddr.URI": 1000,
    **{
        f"{addr}.{line}": 500
        for addr in ("BillAddr", "ShipAddr")
        for line in ("Line1", "Line2", "Line3", "Line4", "Line5")
    },
    **{
        f"{addr}.{part}": size
        for addr in ("BillAddr", "ShipAddr")
        for part, size in (
            ("City", 255),
            ("Country", 255),
            ("CountrySubDivisionCode", 255),
            ("PostalCode", 30),
        )
    },
}
NAMED = {
    **BASE,
    "Active": Filter("active", "flag"),
    "DisplayName": Filter("name"),
    **{
        name: json_text(name)
        for name in (
            "GivenName",
            "MiddleName",
            "FamilyName",
            "Suffix",
            "Title",
            "CompanyName",
            "PrintOnCheckName",
            "FullyQualifiedName",
        )
    },
    "Balance": Filter("balance", "number"),
}


def complete_name(books: Books, body: Json, before: Json | None) -> None:
    if not body.get("DisplayName"):
        body["DisplayName"] = " ".join(body[part] for part in NAME_PARTS if body.get(part))
    if not body["DisplayName"]:
        raise faults.no_name()
    check_name(books, body, "DisplayName")
    body.setdefault("PrintOnCheckName", body["DisplayName"][:110])
    body.setdefault("Active", True)
    email = (body.get("PrimaryEmailAddr") or {}).get("Address")
    if email:
        check_email(books, email)


def complete_customer(books: Books, body: Json, before: Json | None) -> None:
    complete_name(books, body, before)
    if before:
        rename_when_inactive(books, "Customer", body, before, "DisplayName")
    if body.get("ParentRef"):
        body.setdefault("Job", True)
        body["ParentRef"] = {"value": str(body["ParentRef"].get("value"))}  # shape 21: no name
    place_under_parent(books, "Customer", body, "DisplayName", "Names")
    check_unique(books, "Customer", body, "DisplayName")
    body.setdefault("Taxable", books.company.is_us)
    body.setdefault("Job", False)
    body.setdefault("BillWithParent", False)
    body.setdefault("PreferredDeliveryMethod", "Print")
    body.setdefault("IsProject", False)
    body.setdefault("ClientEntityId", "0")  # shape 25: keys that appear without notice
    for key in ("Balance", "BalanceWithJobs"):
        body[key] = before[key] if before else 0
    code = (before or body).get("CurrencyRef", {}).get("value") or books.company.currency
    if code != books.company.currency and not books.company.multicurrency:
        raise faults.business("Multicurrency is not enabled for this company.")
    body["CurrencyRef"] = currency_ref(code)
    if books.company.is_us and books.company.sales_tax and body["Taxable"]:
        body.setdefault("DefaultTaxCodeRef", {"value": "2"})
    for ref, entity, element in (
        ("SalesTermRef", "Term", "Terms"),
        ("PaymentMethodRef", "PaymentMethod", "PaymentMethods"),
    ):
        if body.get(ref):
            found = books.referenced(entity, body[ref], element)
            body[ref] = {"value": found["Id"], "name": found["Name"]}
    for key in ("BillAddr", "ShipAddr"):
        if body.get(key):
            number_address(books, body[key])


def complete_vendor(books: Books, body: Json, before: Json | None) -> None:
    complete_name(books, body, before)
    if before:
        rename_when_inactive(books, "Vendor", body, before, "DisplayName")
    check_unique(books, "Vendor", body, "DisplayName")
    body.setdefault("Balance", 0)
    body.setdefault("Vendor1099", False)
    body["CurrencyRef"] = currency_ref(books.company.currency)


def complete_employee(books: Books, body: Json, before: Json | None) -> None:
    complete_name(books, body, before)
    if before:
        rename_when_inactive(books, "Employee", body, before, "DisplayName")
    check_unique(books, "Employee", body, "DisplayName")
    body.setdefault("BillableTime", False)


def settle_customer(books: Books, before: Json | None, after: Json | None) -> None:
    rename_children(books, "Customer", before, after)


def refresh_balance(books: Books, customer_id: str) -> None:
    """Bring a customer's balance up to its transactions.

    facts 2.3: this moves LastUpdatedTime and leaves the SyncToken alone.
    """
    body = books.get("Customer", customer_id)
    if body is None:
        return
    own = _owed(books, customer_id)
    children = books.store.rows(
        "select id, json_extract(body, '$.BalanceWithJobs') as total from record "
        "where realm=? and entity='Customer' and parent=?",
        (books.realm, customer_id),
    )
    with_jobs = money(decimal(own) + sum((decimal(row["total"]) for row in children), decimal(0)))
    if body["Balance"] == own and body["BalanceWithJobs"] == with_jobs:
        return
    body |= {"Balance": own, "BalanceWithJobs": with_jobs}
    books.change("Customer", body, token=False)
    if body.get("ParentRef"):
        refresh_balance(books, body["ParentRef"]["value"])


def _owed(books: Books, customer_id: str) -> Any:
    total = books.store.value(
        "select sum(case entity when 'Invoice' then balance else -balance end) from record "
        "where realm=? and customer=? and entity in ('Invoice', 'Payment', 'CreditMemo')",
        (books.realm, customer_id),
    )
    return money(decimal(total))


CUSTOMER = Kind(
    "Customer",
    # shape 7: PrimaryEmailAddr can be queried on Customer and not on Vendor.
    filters={
        **NAMED,
        "PrimaryEmailAddr": Filter("email"),
        "Job": json_text("Job"),
        "ParentRef": Filter("parent"),
    },
    read_only=frozenset(
        {
            "Balance",
            "BalanceWithJobs",
            "FullyQualifiedName",
            "Level",
            "IsProject",
            "ClientEntityId",
            "V4IDPseudonym",
        }
    ),
    lengths=LENGTHS,
    has_active=True,
    complete=complete_customer,
    settle=settle_customer,
)
VENDOR = Kind(
    "Vendor",
    filters=NAMED,
    read_only=frozenset({"Balance", "CurrencyRef"}),
    lengths=LENGTHS,
    has_active=True,
    complete=complete_vendor,
)
EMPLOYEE = Kind(
    "Employee", filters=NAMED, lengths=LENGTHS, has_active=True, complete=complete_employee
)
