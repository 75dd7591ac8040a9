"""One way in for rows of any kind: a record, a tombstone, or a row to set aside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.customers import customer_from
from integrations.quickbooks.mapping.invoices import invoice_from
from integrations.quickbooks.mapping.items import item_from
from integrations.quickbooks.mapping.payments import payment_from
from integrations.quickbooks.mapping.reference import (
    account_from,
    listed_from,
    tax_code_from,
    term_from,
)
from integrations.quickbooks.records import Record, Stub, Tombstone, Unreadable

_MAPPINGS: dict[str, tuple[str, Callable[[bytes | str], Record]]] = {
    "Customer": ("customer", customer_from),
    "Item": ("product", item_from),
    "Invoice": ("invoice", invoice_from),
    "Payment": ("payment", payment_from),
    "Account": ("account", account_from),
    "TaxCode": ("tax code", tax_code_from),
    "Term": ("payment term", term_from),
    "Class": ("class", listed_from),
    "Department": ("location", listed_from),
}
_stub = msgspec.json.Decoder(wire.Entity, strict=False)
_unknown = Stub("", None, None)
_PLACE = re.compile(r"at `\$\.?([^`]*)`")


def read_record(kind: str, raw: bytes) -> Record | Tombstone | Unreadable:
    """Map one row of a page. Never raises for what QuickBooks may send.

    A row that says it is deleted is a Tombstone; one that cannot be mapped is Unreadable, with
    a sentence to show. Raises KeyError for a kind that has no mapping.
    """
    noun, mapping = _MAPPINGS[kind]
    try:
        try:
            return mapping(raw)
        except values.Gone:
            return _tombstone(kind, raw)
    except values.Unmappable as exc:
        return _set_aside(kind, noun, raw, str(exc))
    except msgspec.ValidationError as exc:
        place = _PLACE.search(str(exc))
        what = f"its {place[1]}" if place and place[1] else "it"
        return _set_aside(kind, noun, raw, f"{what} has a form that was not expected")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _set_aside(kind, noun, raw, "it is not proper JSON")


def read_stub(raw: bytes) -> Stub | None:
    """Read a row's id, SyncToken and times only; None if it has no id."""
    try:
        entity = _stub.decode(raw)
        external_id = values.identity(entity)
    except (values.Unmappable, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    try:
        token: int | None = values.version(entity)
    except values.Unmappable:
        token = None
    meta = entity.meta_data or wire.MetaData()
    return Stub(
        external_id, token, _moment(meta.last_updated_time), created_at=_moment(meta.create_time)
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return values.moment(text, "its time")
    except values.Unmappable:
        return None


def _tombstone(kind: str, raw: bytes) -> Tombstone:
    entity = _stub.decode(raw)
    text = _changed(entity)
    when = values.moment(text, "its time of deletion") if text else None
    return Tombstone(kind, values.identity(entity), when)


def _changed(entity: wire.Entity) -> str | None:
    return entity.meta_data.last_updated_time if entity.meta_data else None


def _set_aside(kind: str, noun: str, raw: bytes, why: str) -> Unreadable:
    found = read_stub(raw) or _unknown
    text = raw.decode("utf-8", "replace").replace("\x00", "")
    reason = f"QuickBooks sent this {noun} in a form that cannot be read: {why}."
    return Unreadable(
        kind, found.external_id or None, reason, text, found.sync_token, found.updated_at
    )
