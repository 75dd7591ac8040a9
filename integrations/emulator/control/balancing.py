"""Making a customer inactive who owes something writes that off (facts 4.1)."""

from __future__ import annotations

from typing import Any

from integrations.emulator import writing
from integrations.emulator.books import Books, ref
from integrations.emulator.entities.customers import refresh_balance
from integrations.emulator.entities.invoices import complete_currency, complete_home
from integrations.emulator.entities.registry import kind_named
from integrations.emulator.entities.sales_lines import SALES
from integrations.emulator.jsontext import Json, decimal, money


def balance_to_zero(books: Books, customer_id: str) -> None:
    """Credit what the customer owes; whether the credit is applied to its invoices is a switch."""
    customer = books.get("Customer", customer_id)
    if customer is None or customer["Active"] is False or customer["Balance"] <= 0:
        return
    credit = _credit(books, customer)
    refresh_balance(books, customer_id)
    if books.switches["balancing_credit_applied"]:
        _apply(books, customer, credit)


def _credit(books: Books, customer: Json) -> Json:
    """Written by QuickBooks itself: no item of a person's choice, no tax."""
    amount = customer["Balance"]
    credit = {
        "CustomerRef": ref(customer, customer["DisplayName"]),
        "TxnDate": books.clock.today().isoformat(),
        "Line": [{"Id": "1", "LineNum": 1, "Amount": amount, "DetailType": SALES, SALES: {}}],
        "TxnTaxDetail": {"TotalTax": 0},
        "LinkedTxn": [],
        "TotalAmt": amount,
        "Balance": amount,
        "RemainingCredit": amount,
    }
    complete_currency(books, credit, customer)
    complete_home(books, credit)
    return books.add("CreditMemo", credit)


def _apply(books: Books, customer: Json, credit: Json) -> None:
    """A payment of nothing links the credit to open invoices, oldest first (shape 15)."""
    left = decimal(credit["Balance"])
    lines = [_line("CreditMemo", credit, left)]
    for invoice in books.find(
        "Invoice", "customer=? and balance>0 order by txn_date, seq", (customer["Id"],)
    ):
        part = min(left, decimal(invoice["Balance"]))
        if part:
            lines.append(_line("Invoice", invoice, part))
            left -= part
    payment = {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 0, "Line": lines}
    writing.save(books, kind_named("payment"), payment)


def _line(kind: str, target: Json, amount: Any) -> Json:
    return {"Amount": money(amount), "LinkedTxn": [{"TxnId": target["Id"], "TxnType": kind}]}
