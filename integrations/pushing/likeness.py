"""Whether an object in QuickBooks is what a stored body would have made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from integrations.quickbooks.mapping.text import line, paragraph
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord

Body = Mapping[str, Any]


def same_invoice(record: InvoiceRecord, body: Body) -> bool:
    """Customer, date, lines and total agree (R15)."""
    amounts = [_lowered(each) for each in body["Line"]]
    return (
        record.customer_id == body["CustomerRef"]["value"]
        and record.issue_date.isoformat() == body["TxnDate"]
        and record.total == sum(amounts, Decimal(0))
        and [
            (each.item_id, each.description, each.quantity, each.unit_price, each.amount)
            for each in record.lines
        ]
        == [_facts(each) for each in body["Line"] if "DiscountLineDetail" not in each]
    )


def same_payment(record: PaymentRecord, body: Body) -> bool:
    """Customer, date, amount, reference and the invoices it pays agree."""
    return (
        record.customer_id == body["CustomerRef"]["value"]
        and record.date.isoformat() == body["TxnDate"]
        and record.amount == body["TotalAmt"]
        and record.reference == line(body.get("PaymentRefNum"))
        and {each.invoice_id: each.amount for each in record.applied}
        == {each["LinkedTxn"][0]["TxnId"]: Decimal(each["Amount"]) for each in body["Line"]}
    )


def _lowered(sent: Body) -> Decimal:
    amount = Decimal(sent.get("Amount", 0))
    return -amount if "DiscountLineDetail" in sent else amount


def _facts(sent: Body) -> tuple[Any, ...]:
    detail = sent.get("SalesItemLineDetail", {})
    item = detail.get("ItemRef", {}).get("value")
    text = paragraph(sent.get("Description"))
    return (
        item,
        text,
        _number(detail.get("Qty")),
        _number(detail.get("UnitPrice")),
        _number(sent.get("Amount")),
    )


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
