"""A CRM payment as QBO's: one per customer whose invoices it pays (R18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from integrations.quickbooks.outgoing.body import encoded, sparse

#: facts 2.3: voiding a payment is an update that includes the void.
VOID_PATH = "payment?operation=update&include=void"


@dataclass(frozen=True, slots=True)
class OutgoingPayment:
    """One customer's part. `applied` holds (invoice id, amount); `amount` may be more: credit.

    Deposit account and location are what a new payment begins with; "" leaves them to QuickBooks.
    `at_home` tells that the currency, if named, is the company's own: its rate may be asked for
    (facts 4.4, 5.21).
    """

    customer_id: str
    date: date
    amount: Decimal
    currency: str
    reference: str
    note: str
    applied: tuple[tuple[str, Decimal], ...]
    deposit_account_id: str = ""
    location_id: str = ""
    at_home: bool = False


def create(payment: OutgoingPayment) -> bytes:
    values = _values(payment)
    for name, chosen in (
        ("DepositToAccountRef", payment.deposit_account_id),
        ("DepartmentRef", payment.location_id),
    ):
        if chosen:
            values[name] = {"value": chosen}
    if payment.at_home:
        values["ExchangeRate"] = 1
    return encoded({name: value for name, value in values.items() if value != ""})


def update(external_id: str, sync_token: int, payment: OutgoingPayment) -> bytes:
    """A sparse update with every allocation: one that is left out would be dropped (facts 4.4)."""
    return sparse(external_id, sync_token, _values(payment))


def void(external_id: str, sync_token: int) -> bytes:
    return sparse(external_id, sync_token, {})


def _values(payment: OutgoingPayment) -> dict[str, Any]:
    values: dict[str, Any] = {
        "CustomerRef": {"value": payment.customer_id},
        "TotalAmt": payment.amount,
        "TxnDate": payment.date.isoformat(),
        "Line": [
            {
                "Amount": amount,
                "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}],
            }
            for invoice_id, amount in payment.applied
        ],
    }
    # "" clears what was there (facts 2.3).
    values["PaymentRefNum"] = payment.reference
    values["PrivateNote"] = payment.note
    if payment.currency:
        values["CurrencyRef"] = {"value": payment.currency}
    return values
