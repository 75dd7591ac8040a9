"""Every entity the emulator answers for."""

from __future__ import annotations

from integrations.emulator import faults
from integrations.emulator.entities.company import COMPANY_INFO, PREFERENCES
from integrations.emulator.entities.customers import CUSTOMER, EMPLOYEE, VENDOR
from integrations.emulator.entities.invoices import CREDIT_MEMO, INVOICE
from integrations.emulator.entities.items import ITEM
from integrations.emulator.entities.kind import Kind
from integrations.emulator.entities.lists import (
    ACCOUNT,
    CLASS,
    DEPARTMENT,
    PAYMENT_METHOD,
    TAX_CODE,
    TAX_RATE,
    TERM,
)
from integrations.emulator.entities.payments import PAYMENT

KINDS: dict[str, Kind] = {
    kind.path: kind
    for kind in (
        CUSTOMER,
        VENDOR,
        EMPLOYEE,
        ITEM,
        INVOICE,
        CREDIT_MEMO,
        PAYMENT,
        ACCOUNT,
        TAX_CODE,
        TAX_RATE,
        TERM,
        PAYMENT_METHOD,
        CLASS,
        DEPARTMENT,
        COMPANY_INFO,
        PREFERENCES,
    )
}
# Real entities that these companies have none of: a query finds nothing.
EMPTY = frozenset(
    {
        "attachable",
        "bill",
        "billpayment",
        "budget",
        "companycurrency",
        "customertype",
        "deposit",
        "estimate",
        "exchangerate",
        "journalcode",
        "journalentry",
        "purchase",
        "purchaseorder",
        "refundreceipt",
        "salesreceipt",
        "taxagency",
        "timeactivity",
        "transfer",
        "vendorcredit",
    }
)


def kind_named(name: str) -> Kind:
    """Entity names compare without regard to case (facts 2.2). Raises Fault 500."""
    kind = KINDS.get(name.lower())
    if kind is None:
        raise faults.unsupported(name)
    return kind
