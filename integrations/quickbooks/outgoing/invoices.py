"""A CRM invoice as QBO's (R15, R17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from integrations.quickbooks.outgoing.body import encoded, sparse

# Numbers we send back unread keep their digits.
_exact = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)

#: What the void of an invoice adds to the address (facts 2.3).
VOID_PATH = "invoice?operation=void"


@dataclass(frozen=True, slots=True)
class OutgoingLine:
    """A line with an amount is of an item; one without is only text."""

    item_id: str | None
    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class OutgoingInvoice:
    """What we own of an invoice. `number` "" leaves numbering to QuickBooks.

    `tax_code_id` goes on every line: "NON" in the US, the company's `Exempt` elsewhere, None
    where the company uses no sales tax (R17). `currency` "" leaves it to the company's own.
    Class, location and terms are what a new invoice begins with; "" names none. `at_home` tells
    that the currency, if named, is the company's own: its rate may be asked for (facts 4.3).
    """

    customer_id: str
    number: str
    issue_date: date
    due_date: date | None
    currency: str
    memo: str
    discount: Decimal
    tax_code_id: str | None
    global_tax: bool
    lines: tuple[OutgoingLine, ...]
    class_id: str = ""
    line_class_id: str = ""
    location_id: str = ""
    term_id: str = ""
    at_home: bool = False


def create(invoice: OutgoingInvoice) -> bytes:
    """A new invoice; QuickBooks is never told to email it."""
    begins_with = {
        "ClassRef": invoice.class_id,
        "DepartmentRef": invoice.location_id,
        "SalesTermRef": invoice.term_id,
    }
    chosen = {name: {"value": value} for name, value in begins_with.items() if value}
    rate = {"ExchangeRate": 1} if invoice.at_home else {}
    return encoded(_values(invoice, known=()) | chosen | rate)


def update(external_id: str, sync_token: int, invoice: OutgoingInvoice, *, snapshot: str) -> bytes:
    """A sparse update. Sent lines replace all lines (facts 2.3).

    So each line is the one QuickBooks has at its place, with only our fields replaced: what it
    holds besides (a class, a service date) stays.
    """
    return sparse(external_id, sync_token, _values(invoice, known=_lines_of(snapshot)))


def void(external_id: str, sync_token: int) -> bytes:
    return encoded({"Id": external_id, "SyncToken": str(sync_token)})


def _values(invoice: OutgoingInvoice, known: Sequence[dict[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "CustomerRef": {"value": invoice.customer_id},
        "TxnDate": invoice.issue_date.isoformat(),
        "CustomerMemo": {"value": invoice.memo},
        "Line": [
            _line(line, invoice, known[place] if place < len(known) else {})
            for place, line in enumerate(invoice.lines)
        ],
    }
    if invoice.discount:
        values["Line"].append(
            {
                "Amount": invoice.discount,
                "DetailType": "DiscountLineDetail",
                "DiscountLineDetail": {"PercentBased": False},
            }
        )
    if invoice.due_date:
        values["DueDate"] = invoice.due_date.isoformat()
    if invoice.number:
        values["DocNumber"] = invoice.number
    if invoice.currency:
        values["CurrencyRef"] = {"value": invoice.currency}
    if invoice.global_tax:
        values["GlobalTaxCalculation"] = "TaxExcluded"
    return values


def _line(line: OutgoingLine, invoice: OutgoingInvoice, known: dict[str, Any]) -> dict[str, Any]:
    if line.amount is None:
        kept = known if known.get("DetailType") == "DescriptionOnly" else {}
        detail = kept.get("DescriptionLineDetail", {})
        ours = {"DetailType": "DescriptionOnly", "DescriptionLineDetail": detail}
        return {**kept, **ours, "Description": line.description}
    kept = known if known.get("DetailType") == "SalesItemLineDetail" else {}
    detail = {**kept.get("SalesItemLineDetail", {}), "ItemRef": {"value": line.item_id}}
    for theirs, value in (("Qty", line.quantity), ("UnitPrice", line.unit_price)):
        # QBO checks that they multiply to the amount, to the cent (6070).
        detail.pop(theirs, None)
        if line.quantity is not None and line.unit_price is not None:
            detail[theirs] = value
    if invoice.tax_code_id:
        detail["TaxCodeRef"] = {"value": invoice.tax_code_id}
    if invoice.line_class_id and not kept:
        detail["ClassRef"] = {"value": invoice.line_class_id}
    return {
        **kept,
        "Amount": line.amount,
        "Description": line.description,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _lines_of(snapshot: str) -> list[dict[str, Any]]:
    """The lines QuickBooks has, in order; its subtotal and the discount have no Id."""
    lines = _exact.decode(snapshot).get("Line") or []
    return [line for line in lines if line.get("Id")]
