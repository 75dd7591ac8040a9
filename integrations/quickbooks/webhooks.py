"""Intuit's webhook deliveries: is it from Intuit, and what does it say happened.

Both payload shapes are read: CloudEvents (an array today, one object by the standard) and the
older eventNotifications. Bodies are told apart by what they hold, never by their media type.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from integrations.quickbooks.instants import instant

_KINDS = {
    name.lower(): name
    for name in (
        "Account",
        "Bill",
        "BillPayment",
        "Budget",
        "Class",
        "CreditMemo",
        "Currency",
        "Customer",
        "Department",
        "Deposit",
        "Employee",
        "Estimate",
        "Invoice",
        "Item",
        "JournalCode",
        "JournalEntry",
        "Payment",
        "PaymentMethod",
        "Preferences",
        "Purchase",
        "PurchaseOrder",
        "RefundReceipt",
        "SalesReceipt",
        "TaxAgency",
        "Term",
        "TimeActivity",
        "Transfer",
        "Vendor",
        "VendorCredit",
    )
}
_OPERATIONS = {
    "create": "created",
    "created": "created",
    "update": "updated",
    "updated": "updated",
    "delete": "deleted",
    "deleted": "deleted",
    "merge": "merged",
    "merged": "merged",
    "void": "voided",
    "voided": "voided",
    "emailed": "emailed",
}
_LONGEST = 200
_LARGEST_ID = 10**30


class MalformedDelivery(ValueError):
    """The body is not JSON, or neither of the two shapes."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event. `kind` is QBO's entity name ("Invoice") and `operation` one of created, updated,
    deleted, merged, voided, emailed; where either is new to us, or realm or id are missing,
    `known` is false and the words are as they came.

    `external_id` of a merge is the survivor, `deleted_id` the one that vanished.
    """

    event_id: str | None
    realm: str
    kind: str
    operation: str
    external_id: str
    deleted_id: str | None
    at: datetime | None
    known: bool

    @property
    def dedupe_key(self) -> str:
        """64 characters, equal for repeated deliveries of one event and for nothing else."""
        told = self.event_id or (self.at.isoformat() if self.at else "")
        # Two may be merged into one within the second that is all the old shape tells.
        vanished = self.deleted_id or ""
        parts = (told, self.realm, self.kind, self.external_id, self.operation, vanished)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def signature_is_valid(body: bytes, header: str | None, verifier_token: str) -> bool:
    """Tell whether the `intuit-signature` header signs these raw bytes; in constant time.

    Without a verifier token nothing is valid.
    """
    if not header or not verifier_token:
        return False
    try:
        claimed = base64.b64decode(header.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return False
    expected = hmac.digest(verifier_token.encode(), body, hashlib.sha256)
    return hmac.compare_digest(expected, claimed)


def parse(body: bytes) -> list[WebhookEvent]:
    """Read a delivery's events, of however many realms. Raises MalformedDelivery."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedDelivery("not JSON") from None
    if isinstance(told, dict) and "eventNotifications" in told:
        return list(_legacy(told["eventNotifications"]))
    events = [told] if isinstance(told, dict) and "type" in told else told
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        raise MalformedDelivery("neither CloudEvents nor eventNotifications")
    return [_cloud_event(each) for each in events]


def _cloud_event(event: dict[str, Any]) -> WebhookEvent:
    # namespace.entity.operation.version
    words = [*_text(event.get("type")).split("."), "", "", ""]
    ours = words[0].lower() == "qbo"
    data = event.get("data")
    deleted = data.get("deletedid") if isinstance(data, dict) else None
    return _event(
        event_id=_text(event.get("id")) or None,
        realm=_text(event.get("intuitaccountid")),
        entity=words[1] if ours else ".".join(words[:2]),
        operation=words[2],
        external_id=_text(event.get("intuitentityid")),
        deleted_id=_text(deleted) or None,
        time=_text(event.get("time")),
    )


def _legacy(notifications: object) -> Iterator[WebhookEvent]:
    for notification in _dicts(notifications):
        change = notification.get("dataChangeEvent")
        for entity in _dicts(change.get("entities") if isinstance(change, dict) else ()):
            yield _event(
                event_id=None,
                realm=_text(notification.get("realmId")),
                entity=_text(entity.get("name")),
                operation=_text(entity.get("operation")),
                external_id=_text(entity.get("id")),
                deleted_id=_text(entity.get("deletedId")) or None,
                time=_text(entity.get("lastUpdated")),
            )


def _event(
    *,
    event_id: str | None,
    realm: str,
    entity: str,
    operation: str,
    external_id: str,
    deleted_id: str | None,
    time: str,
) -> WebhookEvent:
    kind = _KINDS.get(entity.lower())
    done = _OPERATIONS.get(operation.lower())
    try:
        at = instant(time)
    except ValueError:
        at = None
    return WebhookEvent(
        event_id=event_id,
        realm=realm,
        kind=kind or entity,
        operation=done or operation.lower(),
        external_id=external_id,
        deleted_id=deleted_id,
        at=at,
        known=bool(kind and done and realm and external_id),
    )


def _dicts(values: object) -> Iterator[dict[str, Any]]:
    if not isinstance(values, list | tuple):
        raise MalformedDelivery("eventNotifications of another form")
    for value in values:
        if not isinstance(value, dict):
            raise MalformedDelivery("eventNotifications of another form")
        yield value


def _text(value: object) -> str:
    """Return a short text; ids also come as numbers. Anything else is as good as missing."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_ID:
        value = str(value)
    return value.replace("\0", "")[:_LONGEST] if isinstance(value, str) else ""
