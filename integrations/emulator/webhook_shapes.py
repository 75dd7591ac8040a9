"""How events look on the wire: today's CloudEvents and the old form (facts 3.1, shape 39)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from integrations.emulator.clock import metadata_time, utc_time
from integrations.emulator.jsontext import Json, dumps, loads

if TYPE_CHECKING:
    from integrations.emulator.switches import Switches

LEGACY = {
    "created": "Create",
    "updated": "Update",
    "deleted": "Delete",
    "merged": "Merge",
    "void": "Void",
    "emailed": "Emailed",
}


def body(form: str, rows: Sequence[Any], switches: Switches) -> str:
    """The text of one delivery; `rows` may be of several companies."""
    plain = switches["event_dress"] == "plain"
    if form == "legacy":
        return dumps(_legacy(rows, plain=plain))
    void = str(switches["void_event"])
    return dumps([_cloud_event(row, void, plain=plain) for row in rows])


def _cloud_event(row: Any, void: str, *, plain: bool) -> Json:
    operation = void if row["operation"] == "void" else row["operation"]
    entity = row["entity"]
    data = loads(row["data"])
    event = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": _source(row["realm"]),
        "type": f"qbo.{entity.lower()}.{operation}.v1",
        "datacontenttype": "application/json",
        "time": utc_time(row["at"], 9),
        "intuitentityid": row["record"],
        "intuitaccountid": row["realm"],
        "data": data,
    }
    if plain:
        # facts 3.1: an id with a tail, no fraction, another case; data and its type are optional.
        event["id"] += f"-{entity}-{row['record']}"
        event["type"] = f"qbo.{entity.lower()}.{operation.title()}.v1"
        event["time"] = utc_time(row["at"], 0)
        del event["datacontenttype"]
        if not data:
            del event["data"]
    return event


def _source(realm: str) -> str:
    digest = hashlib.sha1(realm.encode(), usedforsecurity=False).digest()
    return "intuit." + base64.b64encode(digest).decode()


def _legacy(rows: Sequence[Any], *, plain: bool) -> Json:
    entities: dict[str, list[Json]] = {}
    for row in rows:
        data = loads(row["data"])
        entity = {
            "name": row["entity"],
            "id": row["record"],
            "operation": LEGACY[row["operation"]],
            # shape 16: also seen with an offset that has no colon.
            "lastUpdated": "".join(metadata_time(int(row["at"])).rsplit(":", 1))
            if plain
            else utc_time(row["at"]),
        }
        if "deletedid" in data:
            entity["deletedId"] = data["deletedid"]
        entities.setdefault(row["realm"], []).append(entity)
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": found}}
            for realm, found in entities.items()
        ]
    }


def headers(form: str, content: bytes, verifier_token: str, now: float) -> dict[str, str]:
    """facts 3.3; the content type of CloudEvents is not application/json (shape 39)."""
    digest = hmac.new(verifier_token.encode(), content, hashlib.sha256).digest()
    common = {
        "intuit-signature": base64.b64encode(digest).decode(),
        "intuit-created-time": utc_time(now),
        "intuit-t-id": str(uuid.uuid4()),
        "accept": "application/json",
        "user-agent": "intuit_notification_server/0.1",
    }
    if form == "legacy":
        return common | {
            "content-type": "application/json; charset=utf-8",
            "intuit-notification-schema-version": "0.1",
        }
    return common | {
        "content-type": "application/cloudevents-batch+json; charset=utf-8",
        "intuit-notification-schema-version": "2.0",
        "intuit-signature-algorithm": "HMAC-SHA256",
        "intuit-signature-id": str(uuid.uuid4()),
    }
