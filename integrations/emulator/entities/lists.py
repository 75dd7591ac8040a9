"""The small lists: accounts, tax codes and rates, terms, payment methods, classes."""

from __future__ import annotations

from integrations.emulator import faults
from integrations.emulator.books import Books
from integrations.emulator.companies import currency_ref
from integrations.emulator.entities.kind import LISTED, Filter, Kind, json_text
from integrations.emulator.entities.names import (
    check_unique,
    place_under_parent,
    rename_when_inactive,
)
from integrations.emulator.jsontext import Json

CLASSIFICATION = {
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Cost of Goods Sold": "Expense",
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Equity": "Equity",
}
SUBTYPES = {
    "Income": "SalesOfProductIncome",
    "Bank": "Checking",
    "Cost of Goods Sold": "SuppliesMaterialsCogs",
    "Accounts Receivable": "AccountsReceivable",
    "Other Current Asset": "UndepositedFunds",
    "Equity": "RetainedEarnings",
    "Other Current Liability": "GlobalTaxPayable",
    "Expense": "OtherMiscellaneousServiceCost",
}


def complete_listed(entity: str, books: Books, body: Json, before: Json | None) -> None:
    if not body.get("Name"):
        raise faults.missing("Name")
    body.setdefault("Active", True)
    if before:
        rename_when_inactive(books, entity, body, before, "Name")
    check_unique(books, entity, body, "Name")


def complete_account(books: Books, body: Json, before: Json | None) -> None:
    complete_listed("Account", books, body, before)
    if not body.get("AccountType"):
        raise faults.missing("AccountType")
    if body["AccountType"] not in CLASSIFICATION:
        raise faults.invalid_enumeration("AccountType", body["AccountType"])
    place_under_parent(books, "Account", body, "Name", "Accounts")
    body["SubAccount"] = bool(body.get("ParentRef"))
    body["Classification"] = CLASSIFICATION[body["AccountType"]]
    body.setdefault("AccountSubType", SUBTYPES.get(body["AccountType"], "Other"))
    body.setdefault("CurrentBalance", 0)
    body.setdefault("CurrentBalanceWithSubAccounts", 0)
    body.setdefault("CurrencyRef", currency_ref(books.company.currency))


def complete_term(books: Books, body: Json, before: Json | None) -> None:
    complete_listed("Term", books, body, before)
    body.setdefault("DiscountPercent", 0)
    if "DayOfMonthDue" in body:
        body["Type"] = "DATE_DRIVEN"
    else:
        body["Type"] = "STANDARD"
        body.setdefault("DueDays", 0)
        body.setdefault("DiscountDays", 0)


def complete_tax_code(books: Books, body: Json, before: Json | None) -> None:
    complete_listed("TaxCode", books, body, before)
    body.setdefault("Description", body["Name"])
    body.setdefault("Hidden", False)
    body.setdefault("Taxable", True)
    body.setdefault("TaxGroup", True)
    body.setdefault("SalesTaxRateList", {"TaxRateDetail": []})
    body.setdefault("PurchaseTaxRateList", {"TaxRateDetail": []})
    body.setdefault("TaxCodeConfigType", "USER_DEFINED")


def complete_named(entity: str) -> Kind:
    def complete(books: Books, body: Json, before: Json | None) -> None:
        complete_listed(entity, books, body, before)
        body["FullyQualifiedName"] = body["Name"]

    return Kind(entity, filters=LISTED, lengths={"Name": 100}, has_active=True, complete=complete)


def complete_simple(entity: str, *, cdc: bool = True, creatable: bool = True) -> Kind:
    def complete(books: Books, body: Json, before: Json | None) -> None:
        complete_listed(entity, books, body, before)

    return Kind(
        entity,
        filters=LISTED,
        lengths={"Name": 100},
        has_active=True,
        cdc=cdc,
        creatable=creatable,
        complete=complete,
    )


ACCOUNT = Kind(
    "Account",
    filters={
        **LISTED,
        **{
            name: json_text(name)
            for name in ("AccountType", "AccountSubType", "Classification", "AcctNum")
        },
        "CurrentBalance": Filter("json_extract(body, '$.CurrentBalance')", "number"),
    },
    read_only=frozenset(
        {"FullyQualifiedName", "Classification", "CurrentBalance", "CurrentBalanceWithSubAccounts"}
    ),
    lengths={"Name": 100, "Description": 100, "AcctNum": 20},
    has_active=True,
    complete=complete_account,
)
TERM = Kind(
    "Term",
    filters={**LISTED, "DueDays": Filter("json_extract(body, '$.DueDays')", "number")},
    lengths={"Name": 31},
    has_active=True,
    complete=complete_term,
)
# facts 4.6: tax codes and rates cannot be made through their own endpoints; 2.7: not in CDC.
TAX_CODE = Kind(
    "TaxCode",
    filters={**LISTED, "Hidden": json_text("Hidden")},
    has_active=True,
    total_count=True,
    creatable=False,
    cdc=False,
    complete=complete_tax_code,
)
TAX_RATE = complete_simple("TaxRate", cdc=False, creatable=False)
PAYMENT_METHOD = complete_simple("PaymentMethod")
CLASS = complete_named("Class")
DEPARTMENT = complete_named("Department")
