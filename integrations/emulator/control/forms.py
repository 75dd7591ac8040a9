"""What a person types, turned into what the books take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.emulator import faults
from integrations.emulator.books import Books
from integrations.emulator.jsontext import Json, decimal, number

Values = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: str = "line"  # line, text, number, date, choice, check
    needed: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()


CUSTOMER_PATHS = {
    "DisplayName": "DisplayName",
    "GivenName": "GivenName",
    "FamilyName": "FamilyName",
    "CompanyName": "CompanyName",
    "email": "PrimaryEmailAddr.Address",
    "phone": "PrimaryPhone.FreeFormNumber",
    "line1": "BillAddr.Line1",
    "city": "BillAddr.City",
    "region": "BillAddr.CountrySubDivisionCode",
    "code": "BillAddr.PostalCode",
    "country": "BillAddr.Country",
}
ITEM_PATHS = {"Name": "Name", "Sku": "Sku", "UnitPrice": "UnitPrice", "Description": "Description"}


def fields(books: Books, entity: str, *, new: bool) -> list[Field]:
    if entity == "Customer":
        return [
            Field("DisplayName", "Display name (unique)"),
            Field("GivenName", "First name"),
            Field("FamilyName", "Last name"),
            Field("CompanyName", "Company"),
            Field("email", "E-mail"),
            Field("phone", "Phone"),
            Field("line1", "Street"),
            Field("city", "City"),
            Field("region", "State or region"),
            Field("code", "Postal code"),
            Field("country", "Country"),
            *([Field("parent", "Part of (name or Id)", options=_names(books))] if new else []),
        ]
    if entity == "Item":
        kinds = tuple((kind, kind) for kind in ("Service", "NonInventory"))
        return [
            Field("Name", "Name", needed=True),
            Field("Sku", "SKU"),
            *([Field("Type", "Type", "choice", choices=kinds)] if new else []),
            Field("UnitPrice", "Price", "number"),
            *([Field("taxable", "Taxable", "check")] if books.company.is_us else []),
            Field("Description", "Description", "text"),
        ]
    if entity == "Invoice":
        return [
            *(
                [Field("customer", "Customer (name or Id)", needed=True, options=_names(books))]
                if new
                else []
            ),
            Field("DocNumber", "Number (empty: the next)" if new else "Number"),
            Field("TxnDate", "Date", "date"),
            Field("DueDate", "Due", "date"),
            *([Field("discount", "Discount in percent", "number")] if new else []),
            Field("PrivateNote", "Private note", "text"),
        ]
    return [
        Field("customer", "Customer (name or Id)", needed=True, options=_names(books)),
        Field("amount", "Amount", "number", needed=True),
        Field("reference", "Reference"),
        Field("invoices", "Invoice numbers, with commas (empty: unapplied)"),
    ]


def _names(books: Books) -> tuple[str, ...]:
    rows = books.store.rows(
        "select json_extract(body, '$.DisplayName') as name from record where realm=? "
        "and entity='Customer' and active=1 order by name limit 300",
        (books.realm,),
    )
    return tuple(row["name"] for row in rows)


def find_customer(books: Books, text: str) -> Json:
    """By Id or exact name. Raises Fault 2500."""
    text = text.strip()
    found = books.get("Customer", text) if text.isdigit() else None
    if found is None:
        matches = books.find("Customer", "name=?", (text.casefold(),))
        found = matches[0] if matches else None
    if found is None:
        raise faults.invalid_reference("Names", text)
    return found


def values_of(entity: str, body: Json) -> dict[str, Any]:
    """A record as the values of its form."""
    paths = {"Customer": CUSTOMER_PATHS, "Item": ITEM_PATHS}.get(
        entity, {name: name for name in ("DocNumber", "TxnDate", "DueDate", "PrivateNote")}
    )
    shown = {}
    for name, path in paths.items():
        value: Any = body
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        shown[name] = "" if value is None else str(value)
    return shown | {"taxable": body.get("Taxable") is True}


def body_of(books: Books, entity: str, values: Values, before: Json | None) -> Json:
    """What to save. Raises Fault for what no record can be made of."""
    make = {"Customer": _customer, "Item": _item, "Invoice": _invoice, "Payment": _payment}
    body = make[entity](books, values, before)
    return body | {"Id": before["Id"], "sparse": True} if before else body


def _nested(values: Values, paths: Mapping[str, str], before: Json | None) -> Json:
    body: Json = {}
    for name, path in paths.items():
        top, _, inner = path.partition(".")
        if inner:
            body.setdefault(top, dict((before or {}).get(top, {})))[inner] = values.get(name, "")
        else:
            body[top] = values.get(name, "")
    for key, part in list(body.items()):
        if isinstance(part, dict) and not any(v for k, v in part.items() if k != "Id"):
            body[key] = None
    return body


def _customer(books: Books, values: Values, before: Json | None) -> Json:
    body = _nested(values, CUSTOMER_PATHS, before)
    if values.get("parent"):
        body |= {"ParentRef": {"value": find_customer(books, values["parent"])["Id"]}, "Job": True}
    if not body["DisplayName"] and not (body["GivenName"] or body["FamilyName"]):
        body["DisplayName"] = body["CompanyName"]
    return body


def _item(books: Books, values: Values, before: Json | None) -> Json:
    body = _nested(values, ITEM_PATHS, before)
    if body["UnitPrice"]:
        body["UnitPrice"] = read_amount("Price", body["UnitPrice"])
    if books.company.is_us:
        body["Taxable"] = bool(values.get("taxable"))
    if before is None:
        body["Type"] = values.get("Type") or "Service"
        income = books.find("Account", "name='sales of product income'")
        body["IncomeAccountRef"] = {"value": income[0]["Id"]} if income else {}
    return body


def _invoice(books: Books, values: Values, before: Json | None) -> Json:
    body: Json = {
        name: values.get(name) or None
        for name in ("DocNumber", "TxnDate", "DueDate", "PrivateNote")
    }
    if before is not None:
        return body
    body["CustomerRef"] = {"value": find_customer(books, values.get("customer", ""))["Id"]}
    body["Line"] = [
        _line(values, position) for position in range(1, 5) if values.get(f"item{position}")
    ]
    if values.get("discount"):
        body["Line"].append(
            {
                "DetailType": "DiscountLineDetail",
                "DiscountLineDetail": {
                    "PercentBased": True,
                    "DiscountPercent": read_amount("Discount", values["discount"]),
                },
            }
        )
    return body


def _line(values: Values, position: int) -> Json:
    detail: Json = {"ItemRef": {"value": values[f"item{position}"]}}
    for name, key in (("qty", "Qty"), ("price", "UnitPrice")):
        if values.get(f"{name}{position}"):
            detail[key] = read_amount(key, values[f"{name}{position}"])
    return {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def _payment(books: Books, values: Values, before: Json | None) -> Json:
    customer = find_customer(books, values.get("customer", ""))
    total = read_amount("Amount", values.get("amount", ""))
    body: Json = {
        "CustomerRef": {"value": customer["Id"]},
        "TotalAmt": total,
        "PaymentRefNum": values.get("reference") or None,
        "Line": [],
    }
    left = decimal(total)
    for text in filter(None, (part.strip() for part in values.get("invoices", "").split(","))):
        matches = books.find("Invoice", "number=?", (text.casefold(),))
        if not matches:
            raise faults.invalid_reference("Transactions", text)
        part = min(left, decimal(matches[0]["Balance"]))
        left -= part
        body["Line"].append(
            {
                "Amount": number(part),
                "LinkedTxn": [{"TxnId": matches[0]["Id"], "TxnType": "Invoice"}],
            }
        )
    return body


def read_amount(label: str, text: str) -> int | float:
    try:
        return number(decimal(text.replace(",", "").strip()))
    except ValueError as error:
        raise faults.invalid_number(label, text) from error
