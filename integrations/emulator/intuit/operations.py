"""From a path and parameters to what it does; answers are JSON text without the time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.emulator import cdc, faults, query, writing
from integrations.emulator.books import Books
from integrations.emulator.entities.kind import Kind
from integrations.emulator.entities.registry import kind_named
from integrations.emulator.jsontext import Json, dumps

BATCH_LIMIT = 30


@dataclass(frozen=True)
class Call:
    method: str
    path: tuple[str, ...]
    params: Mapping[str, str]
    body: bytes
    content_type: str = ""


def perform(books: Books, call: Call) -> str:
    """Raises Fault."""
    head = call.path[0].lower()
    if head == "query" and len(call.path) == 1:
        return f'"QueryResponse":{query.answer(books, _statement(call))}'
    if head == "cdc" and call.method == "GET":
        changes = cdc.answer(
            books, call.params.get("entities", ""), call.params.get("changedSince", "")
        )
        return f'"CDCResponse":{changes}'
    if head == "batch" and call.method == "POST":
        return _batch(books, read_object(call.body))
    if call.path[0] != head:
        raise faults.unsupported("/".join(call.path))  # facts 2.1: lower-case entity names
    kind = kind_named(head)
    if call.method == "GET":
        return _read(books, kind, call)
    if len(call.path) == 3 and call.path[2] == "send":
        sent = writing.send(books, kind, call.path[1], call.params.get("sendTo"))
        return f'"{kind.name}":{dumps(sent)}'
    if len(call.path) != 1:
        raise faults.unsupported("/".join(call.path))
    check_writable(books)
    operation = call.params.get("operation", "").lower()
    includes_void = call.params.get("include", "").lower() == "void"
    body = write(books, kind, read_object(call.body), operation, includes_void=includes_void)
    return f'"{kind.name}":{dumps(body)}'


def write(
    books: Books, kind: Kind, sent: Json, operation: str, *, includes_void: bool = False
) -> Json:
    if operation == "delete":
        return writing.delete(books, kind, sent)
    if operation == "void" or includes_void:
        _check_void(books, kind, operation, includes_void)
        return writing.void(books, kind, sent)
    if operation in ("", "update", "create"):
        return writing.save(books, kind, sent)
    raise faults.unsupported(f"{operation} {kind.name}")


def _check_void(books: Books, kind: Kind, operation: str, includes_void: bool) -> None:
    """facts 2.3: an invoice is voided by operation=void, a payment by an update that includes it.

    Raises Fault 500 for the other's way, unless a switch has it for payments, too.
    """
    own_way = ("update", True) if kind.name == "Payment" else ("void", False)
    either_way = kind.name == "Payment" and books.switches["payment_operation_void"]
    if (operation, includes_void) != own_way and not either_way:
        raise faults.unsupported(f"{operation} {kind.name}")


def check_writable(books: Books) -> None:
    if books.switches["subscription"] == "ended":
        raise faults.company_status()
    if books.switches["permission_denied"]:
        raise faults.permission_denied()


def read_object(body: bytes) -> dict[str, Any]:
    """Raises Fault 2010 for what is no JSON object."""
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise faults.unreadable()
    return value


def _statement(call: Call) -> str:
    if call.method == "POST":
        if not call.content_type.startswith(("application/text", "text/plain")):
            raise faults.unsupported(f"query with content type {call.content_type}")
        return call.body.decode("utf-8", "replace")
    return call.params.get("query", "")


def _read(books: Books, kind: Kind, call: Call) -> str:
    if kind.name == "Preferences" and len(call.path) == 1:
        return f'"Preferences":{writing.read(books, kind, "1")}'
    if len(call.path) != 2:
        raise faults.unsupported("/".join(call.path))
    record_id = call.path[1]
    if kind.name == "CompanyInfo" and record_id == books.realm:
        record_id = "1"  # facts 2.1: the object's Id is 1, not the realm
    return f'"{kind.name}":{writing.read(books, kind, record_id)}'


def _batch(books: Books, sent: Json) -> str:
    """facts 2.5: 200 with faults inside; every item stands alone."""
    items = sent.get("BatchItemRequest", [])
    if len(items) > BATCH_LIMIT:
        raise faults.too_many_items(len(items))
    answers = []
    for item in items:
        try:
            with books.store.transaction():
                inner = _batch_item(books, item)
        except faults.Fault as fault:
            inner = f'"Fault":{dumps(fault.body())}'
        answers.append(f'{{{inner},"bId":{dumps(item.get("bId", ""))}}}')
    return f'"BatchItemResponse":[{",".join(answers)}]'


def _batch_item(books: Books, item: Json) -> str:
    if "Query" in item:
        return f'"QueryResponse":{query.answer(books, item["Query"])}'
    names = [key for key in item if key not in ("bId", "operation", "optionsData")]
    if len(names) != 1:
        raise faults.missing("operation")
    kind = kind_named(names[0])
    operation = item.get("operation", "").lower()
    # facts 2.5: what else a query string says.
    includes_void = "void" in str(item.get("optionsData", "")).lower()
    check_writable(books)
    body = write(books, kind, item[names[0]], operation, includes_void=includes_void)
    return f'"{kind.name}":{dumps(body)}'
