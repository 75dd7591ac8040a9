"""Create, update, delete, void and send, the same for every entity (facts 2.3)."""

from __future__ import annotations

import copy
from typing import Any

from integrations.emulator import faults
from integrations.emulator.books import Books, same
from integrations.emulator.entities.allocations import release_all
from integrations.emulator.entities.kind import Kind
from integrations.emulator.entities.properties import check_properties
from integrations.emulator.jsontext import Json

SYSTEM = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse", "status"})
# facts 2.3: these cannot be blanked in a sparse update.
STICKY = frozenset({"DisplayName", "PrintOnCheckName", "Name"})
ADDRESS_LINES = ("Line1", "Line2", "Line3", "Line4", "Line5")
# facts 4.1: 500 each, and so many together.
ADDRESS_LINES_TOGETHER = 2000


def read(books: Books, kind: Kind, record_id: str) -> str:
    """A record's JSON text. Raises Fault 2030 or 610."""
    check_id(record_id, kind)
    text = books.store.text(books.realm, kind.name, record_id)
    if text is None:
        raise faults.not_found()
    return text


def check_id(record_id: str, kind: Kind) -> None:
    if kind.name == "TaxCode" and record_id in ("TAX", "NON"):
        return
    if not record_id.isascii() or not record_id.isdigit():
        raise faults.invalid_id(record_id)


def save(books: Books, kind: Kind, sent: Json) -> Json:
    """Create without an Id, update with one; the whole record as it now stands."""
    check_properties(kind.name, sent)
    _check_lengths(kind, sent)
    if not sent.get("Id"):
        return _create(books, kind, sent)
    return _update(books, kind, sent)


def _create(books: Books, kind: Kind, sent: Json) -> Json:
    if not kind.creatable and not books.person:
        raise faults.unsupported(f"create {kind.name}")
    body = {
        key: value
        for key, value in _cleaned(sent).items()
        if key not in SYSTEM and key not in kind.read_only
    }
    kind.complete(books, body, None)
    books.add(kind.name, body)
    kind.settle(books, None, body)
    return books.get(kind.name, body["Id"]) or body


def _update(books: Books, kind: Kind, sent: Json) -> Json:
    before = current(books, kind, sent)
    body = copy.deepcopy(before)
    written = {
        key: value for key, value in sent.items() if key not in SYSTEM and key not in kind.read_only
    }
    if books.switches["read_only_keys"] == "refuse":
        for key in kind.read_only & sent.keys():
            if sent[key] != before.get(key):
                raise faults.business(f"{key} is read-only.")
    if sent.get("sparse"):
        _merge(books, kind, body, written)
    else:
        kept = SYSTEM | kind.read_only | {"LinkedTxn"}
        body = {key: value for key, value in body.items() if key in kept} | _cleaned(written)
    kind.complete(books, body, before)
    if same(body, before):
        return before  # facts 2.3: a change of nothing keeps the token
    inactivated = before.get("Active") is not False and body.get("Active") is False
    operation = books.switches["inactive_event"] if inactivated else "updated"
    books.change(kind.name, body, operation)
    kind.settle(books, before, body)
    return books.get(kind.name, body["Id"]) or body


def current(books: Books, kind: Kind, sent: Json) -> Json:
    """The record a write means. Raises Fault 2030, 610, 2020 or 5010."""
    record_id = str(sent.get("Id", ""))
    check_id(record_id, kind)
    before = books.get(kind.name, record_id)
    if before is None:
        raise faults.not_found()
    if books.person:
        return before
    if sent.get("SyncToken") in (None, ""):
        raise faults.missing("SyncToken")
    if str(sent["SyncToken"]) != before.get("SyncToken", "0"):
        raise faults.stale()
    if any(link["TxnType"] == "Deposit" for link in before.get("LinkedTxn", [])):
        raise faults.deposited()  # facts 4.4
    return before


def delete(books: Books, kind: Kind, sent: Json) -> Json:
    """Only transactions; the answer is a stub (shape 12)."""
    if not kind.transaction:
        raise faults.unsupported(f"delete {kind.name}")
    before = current(books, kind, sent)
    linked = [link for link in before.get("LinkedTxn", []) if link["TxnType"] == "Payment"]
    if linked and not books.person and books.switches["delete_linked"] == "refuse":
        raise faults.business("This transaction is linked to others. Unlink them first.")
    books.erase(kind.name, before["Id"])
    kind.settle(books, before, None)
    return {"domain": "QBO", "status": "Deleted", "Id": before["Id"]}


def void(books: Books, kind: Kind, sent: Json) -> Json:
    """facts 2.3, shape 15: amounts to zero, lines lose quantity and price, links go."""
    if kind.name not in ("Invoice", "Payment"):
        raise faults.unsupported(f"void {kind.name}")
    before = current(books, kind, sent)
    if str(before.get("PrivateNote", "")).startswith("Voided"):
        return before
    body = copy.deepcopy(before)
    note = before.get("PrivateNote")
    body |= {"TotalAmt": 0, "PrivateNote": f"Voided - {note}" if note else "Voided"}
    if kind.name == "Payment":
        body |= {"UnappliedAmt": 0, "Line": []}
    else:
        release_all(books, before)
        body |= {"Balance": 0, "LinkedTxn": [], "TxnTaxDetail": {"TotalTax": 0}}
        body["Line"] = [_zeroed(line) for line in body["Line"]]
        body.pop("Deposit", None)
    for key in ("HomeTotalAmt", "HomeBalance"):
        if key in body:
            body[key] = 0
    books.change(kind.name, body, "void")
    kind.settle(books, before, body)
    return books.get(kind.name, body["Id"]) or body


def _zeroed(line: Json) -> Json:
    line = {**line, "Amount": 0} if "Amount" in line else dict(line)
    detail = line.get("SalesItemLineDetail")
    if detail:
        line["SalesItemLineDetail"] = {
            key: value
            for key, value in detail.items()
            if key not in ("Qty", "UnitPrice", "TaxInclusiveAmt")
        }
    group = line.get("GroupLineDetail")
    if group:
        line["GroupLineDetail"] = {**group, "Line": [_zeroed(part) for part in group["Line"]]}
    return line


def send(books: Books, kind: Kind, record_id: str, address: str | None) -> Json:
    """Mark as e-mailed (nothing leaves the emulator)."""
    if kind.name != "Invoice":
        raise faults.unsupported(f"send {kind.name}")
    check_id(record_id, kind)
    body = books.get(kind.name, record_id)
    if body is None:
        raise faults.not_found()
    if address:
        body["BillEmail"] = {"Address": address}
    if not body.get("BillEmail"):
        raise faults.missing("BillEmail")
    body |= {
        "EmailStatus": "EmailSent",
        "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": books.clock.stamp()},
    }
    return books.change(kind.name, body, "emailed")


def _merge(books: Books, kind: Kind, body: Json, written: Json) -> None:
    """A sparse update: sent fields replace (lists whole), others stay."""
    for key, value in written.items():
        if kind.nested and isinstance(value, dict):
            merged = {**body.get(key, {}), **value}
            body[key] = {name: part for name, part in merged.items() if part is not None}
            continue
        blank = _is_blank(value)
        if not blank:
            cleaned = _cleaned_value(value)
            old = body.get(key)
            if key.endswith("Addr") and isinstance(old, dict) and "Id" in old:
                cleaned.setdefault("Id", old["Id"])
            body[key] = cleaned
        elif key not in STICKY:
            switch = "null_clears" if value is None else "blank_clears"
            if books.person or books.switches[switch]:
                body.pop(key, None)


def _is_blank(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_blank(part) for part in value.values())
    return value is None or value == ""


def _cleaned(sent: Json) -> Json:
    """facts 2.1: empty fields are left out."""
    return {
        key: _cleaned_value(value)
        for key, value in sent.items()
        if not (
            value is None or value == "" or (isinstance(value, dict) and value and _is_blank(value))
        )
    }


def _cleaned_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _cleaned(value)
    if isinstance(value, list):
        return [_cleaned_value(part) for part in value]
    return value


def _check_lengths(kind: Kind, sent: Json) -> None:
    for path, limit in kind.lengths.items():
        value: Any = sent
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str) and len(value) > limit:
            raise faults.wrong_length(path.split(".")[-1], limit, len(value))
    for name in ("BillAddr", "ShipAddr"):
        address = sent.get(name)
        lines = [str(address.get(line) or "") for line in ADDRESS_LINES] if address else []
        if (length := sum(map(len, lines))) > ADDRESS_LINES_TOGETHER:
            raise faults.wrong_length(name, ADDRESS_LINES_TOGETHER, length)
