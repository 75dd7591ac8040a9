"""Payments received (facts 4.4)."""

from __future__ import annotations

from decimal import Decimal

from integrations.emulator import faults
from integrations.emulator.books import Books, ref
from integrations.emulator.entities.allocations import (
    TARGETS,
    links_of,
    show_allocation,
    unapplied,
)
from integrations.emulator.entities.customers import refresh_balance
from integrations.emulator.entities.invoices import (
    check_open,
    complete_currency,
    complete_places,
)
from integrations.emulator.entities.kind import BASE, Filter, Kind
from integrations.emulator.entities.sales_lines import read_number
from integrations.emulator.jsontext import Json, cents, decimal, money

NOTHING = Decimal(0)


def complete_payment(books: Books, body: Json, before: Json | None) -> None:
    if not (body.get("CustomerRef") or {}).get("value"):
        raise faults.missing("CustomerRef")
    customer = books.referenced("Customer", body["CustomerRef"], "Names")
    body["CustomerRef"] = ref(customer, customer["DisplayName"])
    if body.get("TotalAmt") in (None, ""):
        raise faults.missing("TotalAmt")
    total = cents(read_number("TotalAmt", body["TotalAmt"]))
    if total < 0:
        raise faults.business("The amount of a payment cannot be negative.")
    body["TotalAmt"] = money(total)
    body.setdefault("TxnDate", books.clock.today().isoformat())
    check_open(books, body, before)
    complete_currency(books, body, customer)
    body["Line"] = [_complete_line(books, line, customer) for line in body.get("Line") or []]
    _check_open_amounts(books, body, before)
    body["UnappliedAmt"] = money(unapplied(body))
    if body["UnappliedAmt"] < 0:
        raise faults.business("The amount applied is more than the amount of the payment.")
    body.setdefault("ProcessPayment", False)
    _complete_refs(books, body)


def _complete_line(books: Books, line: Json, customer: Json) -> Json:
    links = line.get("LinkedTxn") or []
    if len(links) != 1:
        raise faults.missing("LinkedTxn")
    kind, record_id = str(links[0].get("TxnType")), str(links[0].get("TxnId"))
    if kind not in TARGETS:
        raise faults.cannot_link(f"TxnType {kind} cannot be linked to a payment here.")
    target = books.get(kind, record_id)
    if target is None:
        raise faults.invalid_reference("Transactions", record_id)
    if target["CustomerRef"]["value"] not in _family(books, customer):
        raise _of_another_customer(books, record_id)
    amount = cents(read_number("Amount", line.get("Amount")))
    number = {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }
    # shape 35: no Id, no DetailType, and amounts as text inside LineEx.
    names = [("txnId", record_id), ("txnOpenBalance", f"{decimal(target['Balance']):.2f}")]
    if target.get("DocNumber"):
        names.append(("txnReferenceNumber", target["DocNumber"]))
    return {
        "Amount": money(amount),
        "LinkedTxn": [{"TxnId": record_id, "TxnType": kind}],
        "LineEx": line.get("LineEx")
        or {"any": [{**number, "value": {"Name": name, "Value": value}} for name, value in names]},
    }


def _of_another_customer(books: Books, record_id: str) -> faults.Fault:
    """facts 4.4: refused for certain, with which of three codes is not."""
    told = books.switches["other_customers_invoice"]
    if told == "2500":
        return faults.invalid_reference("Transactions", record_id)
    if told == "6000":
        return faults.business("The transaction belongs to another customer.")
    return faults.cannot_link(f"TxnID {record_id} cannot be linked: other customer.")


def _family(books: Books, customer: Json) -> set[str]:
    """A parent may pay for its sub-customers (facts 4.4)."""
    family = {customer["Id"]}
    waiting = [customer["Id"]]
    while waiting:
        rows = books.store.rows(
            "select id from record where realm=? and parent=? and entity='Customer'",
            (books.realm, waiting.pop()),
        )
        waiting += [row["id"] for row in rows]
        family.update(row["id"] for row in rows)
    return family


def _check_open_amounts(books: Books, body: Json, before: Json | None) -> None:
    already = links_of(before)
    for (kind, record_id), amount in links_of(body).items():
        target = books.get(kind, record_id) or {}
        if amount > decimal(target.get("Balance")) + already.get((kind, record_id), NOTHING):
            raise faults.business(
                f"The amount applied is more than the open balance of transaction {record_id}."
            )


def _complete_refs(books: Books, body: Json) -> None:
    complete_places(books, body, "DepartmentRef")
    if body.get("PaymentMethodRef"):
        body["PaymentMethodRef"] = ref(
            books.referenced("PaymentMethod", body["PaymentMethodRef"], "PaymentMethods")
        )
    if body.get("DepositToAccountRef"):
        body["DepositToAccountRef"] = {
            "value": books.referenced("Account", body["DepositToAccountRef"], "Accounts")["Id"]
        }
    elif body["TotalAmt"]:
        # shape 15: a zero payment that only links credits has no deposit account.
        found = books.find("Account", "name='undeposited funds'")
        if found:
            body["DepositToAccountRef"] = {"value": found[0]["Id"]}


def settle_payment(books: Books, before: Json | None, after: Json | None) -> None:
    old, new = links_of(before), links_of(after)
    payment_id = (after or before or {})["Id"]
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            show_allocation(books, *key, payment_id, linked=key in new)
    customers = {body["CustomerRef"]["value"] for body in (before, after) if body}
    for kind, record_id in {**old, **new}:
        target = books.get(kind, record_id)
        if target:
            customers.add(target["CustomerRef"]["value"])
    for customer in customers:
        refresh_balance(books, customer)


PAYMENT = Kind(
    "Payment",
    filters={
        **BASE,
        "TxnDate": Filter("txn_date", "date"),
        "CustomerRef": Filter("customer"),
        "TotalAmt": Filter("total", "number"),
        "PaymentRefNum": Filter("number"),
        "UnappliedAmt": Filter("balance", "number"),
    },
    read_only=frozenset({"UnappliedAmt"}),
    lengths={"PaymentRefNum": 21, "PrivateNote": 4000},
    transaction=True,
    order="txn_date desc, seq desc",
    complete=complete_payment,
    settle=settle_payment,
)
