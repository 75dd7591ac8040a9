"""What a person does in QuickBooks' own pages, without tokens or SyncTokens."""

from __future__ import annotations

from typing import Any

from integrations.emulator import faults, writing
from integrations.emulator.books import Books
from integrations.emulator.entities.customers import refresh_balance
from integrations.emulator.entities.kind import Kind
from integrations.emulator.entities.names import DELETED
from integrations.emulator.jsontext import Json

VERBS = ("inactivate", "reactivate", "void", "delete", "merge", "send", "deposit")


def save(books: Books, kind: Kind, sent: Json) -> Json:
    """Create or change one record; a person's changes are always partial."""
    return writing.save(books, kind, sent)


def act(books: Books, kind: Kind, record_id: str, verb: str, options: dict[str, Any]) -> Json:
    """Raises Fault for what cannot be done and LookupError for an unknown verb."""
    sent: Json = {"Id": record_id, "sparse": True}
    if verb == "inactivate" or (verb == "delete" and kind.has_active):
        return writing.save(books, kind, sent | {"Active": False})
    if verb == "reactivate":
        return writing.save(books, kind, sent | {"Active": True})
    if verb == "void":
        return writing.void(books, kind, sent)
    if verb == "delete":
        return writing.delete(books, kind, sent)
    if verb == "send":
        return writing.send(books, kind, record_id, options.get("to"))
    if verb == "deposit":
        return deposit(books, kind, record_id)
    if verb == "merge":
        return merge_customers(books, kind, record_id, str(options.get("into", "")))
    raise LookupError(f"A verb is one of {', '.join(VERBS)}.")


def deposit(books: Books, kind: Kind, record_id: str) -> Json:
    """Put a payment on a bank deposit: from then on the API cannot change it (facts 4.4)."""
    body = books.get(kind.name, record_id)
    if kind.name != "Payment" or body is None:
        raise faults.not_found()
    slip = str(books.store.next_id(books.realm, "transaction"))
    body["LinkedTxn"] = [{"TxnId": slip, "TxnType": "Deposit"}]
    return books.change("Payment", body)


def merge_customers(books: Books, kind: Kind, loser_id: str, winner_id: str) -> Json:
    """facts 5.18: the loser's Id vanishes, its transactions move, only the event tells.

    The merged record answers.
    """
    if kind.name != "Customer":
        raise faults.unsupported(f"merge {kind.name}")
    loser, winner = books.get("Customer", loser_id), books.get("Customer", winner_id)
    if loser is None or winner is None or loser_id == winner_id:
        raise faults.invalid_reference("Names", winner_id)
    if loser["CurrencyRef"] != winner["CurrencyRef"]:
        raise faults.business("Customers of different currencies cannot be merged.")
    _move(books, loser_id, winner)
    treatment = books.switches["cdc_merged"]
    if treatment == "inactive":
        name = loser["DisplayName"]
        loser |= {
            "Active": False,
            "Balance": 0,
            "BalanceWithJobs": 0,
            "DisplayName": name if DELETED.search(name) else f"{name} (deleted)",
        }
        loser["FullyQualifiedName"] = loser["DisplayName"]
        loser.pop("ParentRef", None)
        books.change("Customer", loser, token=False)
    else:
        books.store.remove(books.realm, "Customer", loser_id)
        if treatment == "deleted":
            books.bury("Customer", loser_id)
    refresh_balance(books, winner_id)
    winner = books.get("Customer", winner_id) or winner
    books.event("Customer", winner_id, "merged", {"deletedid": loser_id})
    return winner


def _move(books: Books, loser_id: str, winner: Json) -> None:
    for entity in ("Invoice", "Payment", "CreditMemo"):
        for body in books.find(entity, "customer=?", (loser_id,)):
            body["CustomerRef"] = {"value": winner["Id"], "name": winner["DisplayName"]}
            books.change(entity, body)
    for child in books.find("Customer", "parent=?", (loser_id,)):
        child["ParentRef"] = {"value": winner["Id"]}
        child["FullyQualifiedName"] = f"{winner['FullyQualifiedName']}:{child['DisplayName']}"
        books.change("Customer", child)
