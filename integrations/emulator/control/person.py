"""What a person does in QuickBooks' own pages, without tokens or SyncTokens."""

from __future__ import annotations

from typing import Any

from integrations.emulator import faults, writing
from integrations.emulator.books import Books
from integrations.emulator.control.balancing import balance_to_zero
from integrations.emulator.control.merging import merge
from integrations.emulator.entities.kind import Kind
from integrations.emulator.jsontext import Json

VERBS = ("inactivate", "reactivate", "void", "delete", "merge", "send", "deposit")


def save(books: Books, kind: Kind, sent: Json) -> Json:
    """Create or change one record; a person's changes are always partial."""
    return writing.save(books, kind, sent)


def act(books: Books, kind: Kind, record_id: str, verb: str, options: dict[str, Any]) -> Json:
    """Raises Fault for what cannot be done and LookupError for an unknown verb."""
    sent: Json = {"Id": record_id, "sparse": True}
    if verb == "inactivate" or (verb == "delete" and kind.has_active):
        if kind.name == "Customer":
            balance_to_zero(books, record_id)
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
        return merge(books, kind, record_id, str(options.get("into", "")))
    raise LookupError(f"A verb is one of {', '.join(VERBS)}.")


def deposit(books: Books, kind: Kind, record_id: str) -> Json:
    """Put a payment on a bank deposit: from then on the API cannot change it (facts 4.4)."""
    body = books.get(kind.name, record_id)
    if kind.name != "Payment" or body is None:
        raise faults.not_found()
    slip = str(books.store.next_id(books.realm, "transaction"))
    body["LinkedTxn"] = [{"TxnId": slip, "TxnType": "Deposit"}]
    return books.change("Payment", body)
