"""Invoices and credit memos (facts 4.3)."""

from __future__ import annotations

from decimal import Decimal

from integrations.emulator import faults
from integrations.emulator.books import Books, ref
from integrations.emulator.clock import days_after
from integrations.emulator.companies import currency_ref, exchange_rate
from integrations.emulator.entities.addresses import check_email, number_address, reflowed
from integrations.emulator.entities.allocations import allocated, release_all, trim
from integrations.emulator.entities.customers import refresh_balance
from integrations.emulator.entities.kind import BASE, Filter, Kind
from integrations.emulator.entities.sales_lines import complete_lines, discount_of
from integrations.emulator.entities.tax import complete_tax
from integrations.emulator.jsontext import Json, decimal, money

LENGTHS = {
    "DocNumber": 21,
    "BillEmail.Address": 100,
    "PrivateNote": 4000,
    "CustomerMemo.value": 1000,
    "TrackingNum": 31,
}
READ_ONLY = frozenset(
    {
        "TotalAmt",
        "Balance",
        "HomeTotalAmt",
        "HomeBalance",
        "InvoiceLink",
        "DeliveryInfo",
        "RemainingCredit",
        "RecurDataRef",
        "TaxExemptionRef",
        "FreeFormAddress",
    }
)
PLACES = {"ClassRef": ("Class", "Klasses"), "DepartmentRef": ("Department", "Depts")}
NUMBERED = ("Invoice", "CreditMemo")


def complete_invoice(books: Books, body: Json, before: Json | None) -> None:
    customer = _complete_header(books, body, before)
    sent_tax = body.get("TxnTaxDetail")
    if before and sent_tax == before.get("TxnTaxDetail"):
        sent_tax = None
    body.setdefault("ApplyTaxAfterDiscount", False)
    subtotal = complete_lines(books, body, before)
    tax = complete_tax(books, body, sent_tax, subtotal)
    total = subtotal - discount_of(body["Line"]) + tax
    if total < 0:
        raise faults.business("The total of an invoice cannot be negative.")
    body["TotalAmt"] = money(total)
    body["LinkedTxn"] = (
        before.get("LinkedTxn", [])
        if before
        else [
            link
            for link in body.get("LinkedTxn", [])
            if link.get("TxnType") in ("Estimate", "TimeActivity")
        ]
    )
    if before and body["LinkedTxn"] and before["CustomerRef"]["value"] != customer["Id"]:
        raise faults.business("A paid invoice cannot move to another customer.")
    paid = allocated(books, body) if before else Decimal(0)
    open_amount = total - decimal(body.get("Deposit")) - paid
    body["Balance"] = money(max(open_amount, Decimal(0)))
    complete_home(books, body)
    _complete_delivery(books, body, customer, before)
    if not before:
        body.setdefault(
            "CustomField", [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}]
        )
        for name in (
            "AllowIPNPayment",
            "AllowOnlinePayment",
            "AllowOnlineCreditCardPayment",
            "AllowOnlineACHPayment",
        ):
            body.setdefault(name, False)


def _complete_header(books: Books, body: Json, before: Json | None) -> Json:
    if not (body.get("CustomerRef") or {}).get("value"):
        raise faults.missing("CustomerRef")
    if not body.get("Line"):
        raise faults.missing("Line")
    same_customer = before and before["CustomerRef"]["value"] == body["CustomerRef"]["value"]
    customer = (
        books.get("Customer", body["CustomerRef"]["value"]) if same_customer else None
    ) or books.referenced("Customer", body["CustomerRef"], "Names")
    # shape 21: the child's own name, without its parent.
    body["CustomerRef"] = ref(customer, customer["DisplayName"])
    body.setdefault("TxnDate", books.clock.today().isoformat())
    check_open(books, body, before)
    days = 30
    term_ref = body.get("SalesTermRef") or (None if before else customer.get("SalesTermRef"))
    if term_ref:
        term = books.referenced("Term", term_ref, "Terms")
        body["SalesTermRef"] = ref(term)
        days = int(term.get("DueDays", 30))
    try:
        body.setdefault("DueDate", days_after(body["TxnDate"], days))
    except ValueError as error:
        raise faults.invalid_number("TxnDate", body["TxnDate"]) from error
    complete_places(books, body, "ClassRef", "DepartmentRef")
    complete_currency(books, body, customer)
    _complete_number(books, body, before)
    return customer


def complete_places(books: Books, body: Json, *names: str) -> None:
    """Class and location of a whole transaction (facts 4.3). Raises Fault 2500 or 610."""
    for name in names:
        if body.get(name):
            entity, element = PLACES[name]
            body[name] = ref(books.referenced(entity, body[name], element))


def check_open(books: Books, body: Json, before: Json | None = None) -> None:
    """Raises Fault 6210 for a date inside closed books (facts 2.6)."""
    closing = books.preference("AccountingInfoPrefs", "BookCloseDate")
    dates = [body["TxnDate"], *([before["TxnDate"]] if before else [])]
    if closing and min(dates) <= closing:
        raise faults.closed_period(closing)


def complete_currency(books: Books, body: Json, customer: Json) -> None:
    """facts 4.3, 4.4, 5.21: with several currencies each transaction names its own, the customer's.

    The rate is called required as well; clients that leave it out are known to get today's, so
    that is a switch. Raises Fault 2020 or 6000.
    """
    code = customer["CurrencyRef"]["value"]
    asked = (body.get("CurrencyRef") or {}).get("value")
    if books.company.multicurrency and not books.person:
        if asked is None:
            raise faults.missing("CurrencyRef")
        if books.switches["exchange_rate_required"] and not body.get("ExchangeRate"):
            raise faults.missing("ExchangeRate")
    if asked not in (None, code):
        raise faults.business("The currency of the transaction is not the customer's currency.")
    body["CurrencyRef"] = currency_ref(code)
    if books.company.multicurrency:
        body.setdefault("ExchangeRate", exchange_rate(code, books.company.currency))


def complete_home(books: Books, body: Json) -> None:
    if books.company.multicurrency:
        rate = decimal(body["ExchangeRate"])
        body["HomeTotalAmt"] = money(decimal(body["TotalAmt"]) * rate)
        if "Balance" in body:
            body["HomeBalance"] = money(decimal(body["Balance"]) * rate)


def _complete_number(books: Books, body: Json, before: Json | None) -> None:
    custom = books.preference("SalesFormsPrefs", "CustomTxnNumbers")
    number = body.get("DocNumber")
    if before and number == before.get("DocNumber"):
        return
    replaces = not custom and books.switches["docnumber_when_auto"] == "replace"
    missing = not number and (not custom or books.person)
    if not before and (replaces or missing):
        body["DocNumber"] = str(books.store.next_id(books.realm, "DocNumber"))
        return
    # facts 4.3: with custom numbers an omitted DocNumber stays null.
    if number and custom and "allowduplicatedocnum" not in books.options:
        holder = books.store.row(
            "select entity, id from record where realm=? and entity in ('Invoice', 'CreditMemo') "
            "and number=? and id<>?",
            (books.realm, number.casefold(), body.get("Id", "")),
        )
        if holder:
            raise faults.duplicate_number(number, holder["entity"], holder["id"])
    # facts 4.3: the system's own number is the last one + 1.
    if number and number.isdecimal() and len(number) < 10:
        books.store.reach(books.realm, "DocNumber", int(number))


def _complete_delivery(books: Books, body: Json, customer: Json, before: Json | None) -> None:
    body.setdefault("PrintStatus", "NeedToPrint")
    body.setdefault("EmailStatus", "NotSet")
    if books.person and not before and customer.get("PrimaryEmailAddr"):
        body.setdefault("BillEmail", {"Address": customer["PrimaryEmailAddr"]["Address"]})
    email = (body.get("BillEmail") or {}).get("Address")
    if email:
        check_email(books, email)
    if body["EmailStatus"] == "NeedToSend":
        if not email:
            raise faults.missing("BillEmail")
        body.setdefault("DeliveryInfo", {"DeliveryType": "Email"})  # shape 38
    for key in ("BillAddr", "ShipAddr"):
        if key not in body and not before and customer.get(key):
            body[key] = dict(customer[key])
        elif body.get(key):
            changed = before and before.get(key) != body[key]
            if changed and books.switches["reflow_addresses"]:
                body[key] = reflowed(body[key])
            number_address(books, body[key])


def settle_invoice(books: Books, before: Json | None, after: Json | None) -> None:
    if before and after is None:
        release_all(books, before)
    elif before and after:
        trim(books, after)
    for customer in {body["CustomerRef"]["value"] for body in (before, after) if body}:
        refresh_balance(books, customer)


def complete_credit(books: Books, body: Json, before: Json | None) -> None:
    _complete_header(books, body, before)
    body.pop("DueDate", None)
    subtotal = complete_lines(books, body, before)
    tax = complete_tax(books, body, None, subtotal)
    total = subtotal - discount_of(body["Line"]) + tax
    body["TotalAmt"] = money(total)
    body["LinkedTxn"] = before.get("LinkedTxn", []) if before else []
    left = total - (allocated(books, body) if before else Decimal(0))
    body["Balance"] = body["RemainingCredit"] = money(max(left, Decimal(0)))
    complete_home(books, body)


SALES_FILTERS = {
    **BASE,
    "DocNumber": Filter("number"),
    "TxnDate": Filter("txn_date", "date"),
    "CustomerRef": Filter("customer"),
    "TotalAmt": Filter("total", "number"),
    "Balance": Filter("balance", "number"),
    "DueDate": Filter("json_extract(body, '$.DueDate')", "date"),
    "SalesTermRef": Filter("json_extract(body, '$.SalesTermRef.value')"),
}
INVOICE = Kind(
    "Invoice",
    filters=SALES_FILTERS,
    read_only=READ_ONLY,
    lengths=LENGTHS,
    transaction=True,
    total_count=True,
    order="txn_date desc, seq desc",
    complete=complete_invoice,
    settle=settle_invoice,
)
CREDIT_MEMO = Kind(
    "CreditMemo",
    filters=SALES_FILTERS,
    read_only=READ_ONLY,
    lengths=LENGTHS,
    transaction=True,
    order="txn_date desc, seq desc",
    complete=complete_credit,
    settle=settle_invoice,
)
