"""Which payment pays which invoice: the payment's lines say it, the invoice shows it."""

from __future__ import annotations

from decimal import Decimal

from integrations.emulator.books import Books
from integrations.emulator.jsontext import Json, decimal, money

TARGETS = ("Invoice", "CreditMemo")


def links_of(payment: Json | None) -> dict[tuple[str, str], Decimal]:
    """Amount per (kind, Id) that a payment's lines carry."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for line in (payment or {}).get("Line", []):
        for link in line.get("LinkedTxn", []):
            key = (link["TxnType"], link["TxnId"])
            amounts[key] = amounts.get(key, Decimal(0)) + decimal(line["Amount"])
    return amounts


def kind_of(transaction: Json) -> str:
    return "CreditMemo" if "RemainingCredit" in transaction else "Invoice"


def paying(books: Books, transaction: Json) -> list[Json]:
    """The payments linked to an invoice or credit memo, oldest first."""
    ids = [
        link["TxnId"] for link in transaction.get("LinkedTxn", []) if link["TxnType"] == "Payment"
    ]
    found = (books.get("Payment", payment_id) for payment_id in ids)
    return [payment for payment in found if payment]


def allocated(books: Books, transaction: Json) -> Decimal:
    key = (kind_of(transaction), transaction["Id"])
    return sum(
        (links_of(payment).get(key, Decimal(0)) for payment in paying(books, transaction)),
        Decimal(0),
    )


def show_allocation(
    books: Books, entity: str, record_id: str, payment_id: str, *, linked: bool
) -> None:
    """Bring LinkedTxn and Balance of one target up to date; facts 4.4: its token may move."""
    target = books.get(entity, record_id)
    if target is None:
        return
    link = {"TxnId": payment_id, "TxnType": "Payment"}
    others = [known for known in target.get("LinkedTxn", []) if known != link]
    target["LinkedTxn"] = [*others, link] if linked else others
    left = decimal(target["TotalAmt"]) - decimal(target.get("Deposit")) - allocated(books, target)
    target["Balance"] = money(max(left, Decimal(0)))
    if entity == "CreditMemo":
        target["RemainingCredit"] = target["Balance"]
    if "HomeBalance" in target:
        target["HomeBalance"] = money(decimal(target["Balance"]) * decimal(target["ExchangeRate"]))
    books.change(entity, target, token=books.switches["payment_moves_token"])


def release_all(books: Books, transaction: Json) -> None:
    """An invoice that is gone or void leaves its payments with an unapplied rest."""
    _reduce(books, transaction, Decimal(0))


def trim(books: Books, transaction: Json) -> None:
    """An invoice lowered below what was paid on it gives the rest back as credit."""
    total = decimal(transaction["TotalAmt"]) - decimal(transaction.get("Deposit"))
    _reduce(books, transaction, max(total, Decimal(0)))


def _reduce(books: Books, transaction: Json, limit: Decimal) -> None:
    key = (kind_of(transaction), transaction["Id"])
    for payment in paying(books, transaction):
        amount = links_of(payment).get(key, Decimal(0))
        kept = min(amount, limit)
        limit -= kept
        if kept == amount:
            continue
        for line in payment["Line"]:
            if (line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"]) == key:
                line["Amount"] = money(kept)
        payment["Line"] = [line for line in payment["Line"] if line["Amount"]]
        payment["UnappliedAmt"] = money(unapplied(payment))
        books.change("Payment", payment)


def unapplied(payment: Json) -> Decimal:
    """What is left of a payment; a credit memo on it adds to what it can pay."""
    used = sum(
        (
            -amount if kind == "CreditMemo" else amount
            for (kind, _), amount in links_of(payment).items()
        ),
        Decimal(0),
    )
    return decimal(payment["TotalAmt"]) - used
