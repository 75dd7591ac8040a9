"""Webhooks: events are queued with the change and delivered in the background (facts 3)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import http.client
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from integrations.emulator.clock import metadata_time, utc_time
from integrations.emulator.jsontext import Json, dumps, loads

if TYPE_CHECKING:
    from integrations.emulator.clock import Clock
    from integrations.emulator.store import Store
    from integrations.emulator.switches import Switches

# facts 3.2: these entities have webhooks; tax codes, tax rates and CompanyInfo have none.
ANNOUNCED = frozenset(
    {
        "Customer",
        "Vendor",
        "Employee",
        "Item",
        "Account",
        "Class",
        "Department",
        "PaymentMethod",
        "Term",
        "Preferences",
        "Invoice",
        "CreditMemo",
        "Payment",
    }
)
# facts 3.3: seconds until the next try, the last one for ever.
RETRIES = (10, 20, 30, 300, 1200, 7200, 14400, 21600)
GATHER_SECONDS = 0.15
EVENTS_PER_DELIVERY = 100
ANSWER_SECONDS = 3
LEGACY = {
    "created": "Create",
    "updated": "Update",
    "deleted": "Delete",
    "merged": "Merge",
    "void": "Void",
    "emailed": "Emailed",
}


class Events:
    """The queue of one server. Delivery failures are noted on the row and never raised."""

    def __init__(self, store: Store, clock: Clock, switches: Switches) -> None:
        self.store = store
        self.clock = clock
        self.switches = switches
        self.url = ""
        self.verifier_token = ""
        self.format = "cloudevents"
        self.enabled = True
        self._wake = asyncio.Event()
        self._sending = asyncio.Lock()
        self._resets = 0

    def queue(self, realm: str, entity: str, record: str, operation: str, data: Json) -> None:
        """Remember one event, if the company is connected (facts 3.3)."""
        if entity not in ANNOUNCED or not self._connected(realm):
            return
        self.store.run(
            "insert into event (realm, entity, record, operation, at, data) values (?,?,?,?,?,?)",
            (realm, entity, record, operation, self.clock.seconds(), dumps(data)),
        )
        self._wake.set()

    def queue_many(self, realm: str, entity: str, records: list[str], operation: str) -> None:
        if entity not in ANNOUNCED or not self._connected(realm):
            return
        now = self.clock.seconds()
        self.store.db.executemany(
            "insert into event (realm, entity, record, operation, at, data) "
            "values (?,?,?,?,?,'{}')",
            [(realm, entity, record, operation, now) for record in records],
        )
        self._wake.set()

    def _connected(self, realm: str) -> bool:
        return (
            self.store.value("select 1 from grant_ where realm=? and revoked is null", (realm,))
            is not None
        )

    def forget(self) -> None:
        """The store was emptied: a delivery under way is finished but no longer written down."""
        self._resets += 1

    def wake(self) -> None:
        """Look again: the clock moved or the settings changed."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            wait = self._next_wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)
            if self._wake.is_set():
                self._wake.clear()
                await asyncio.sleep(GATHER_SECONDS)
            await self.deliver()

    def _next_wait(self) -> float | None:
        soonest = self.store.value(
            "select min(next_try) from delivery where delivered is null and attempts > 0"
        )
        if soonest is None or not self._ready():
            return None
        return max(0.0, float(soonest) - self.clock.seconds())

    def _ready(self) -> bool:
        return bool(self.url and self.enabled)

    async def deliver(self) -> None:
        """Bundle waiting events and try what is due, oldest first.

        facts 3.3: while one delivery fails, later ones of that company are held back.
        """
        async with self._sending:
            if not self._ready():
                return
            resets = self._resets
            self._bundle()
            held: set[str] = set()
            for row in self.store.rows(
                "select * from delivery where delivered is null order by id"
            ):
                if self._resets != resets:
                    return
                if row["realm"] in held:
                    continue
                if (row["next_try"] or 0) > self.clock.seconds() or not await self._try(row):
                    held.add(row["realm"])

    def _bundle(self) -> None:
        with self.store.transaction():
            rows = self.store.rows("select * from event where delivery is null order by id")
            for realm in dict.fromkeys(row["realm"] for row in rows):
                mine = [row for row in rows if row["realm"] == realm]
                for start in range(0, len(mine), EVENTS_PER_DELIVERY):
                    self._bundle_one(realm, mine[start : start + EVENTS_PER_DELIVERY])

    def _bundle_one(self, realm: str, rows: list[Any]) -> None:
        make = self._legacy if self.format == "legacy" else self._cloud_events
        delivery = self.store.value(
            "insert into delivery (realm, body, events, queued) values (?,?,?,?) returning id",
            (realm, dumps(make(realm, rows)), len(rows), self.clock.seconds()),
        )
        self.store.db.executemany(
            "update event set delivery=? where id=?", [(delivery, row["id"]) for row in rows]
        )

    def _cloud_events(self, realm: str, rows: list[Any]) -> list[Json]:
        """facts 3.1, shape 39."""
        source = "intuit." + base64.b64encode(hashlib.sha1(realm.encode()).digest()).decode()  # noqa: S324
        return [
            {
                "specversion": "1.0",
                "id": str(uuid.uuid4()),
                "source": source,
                "type": f"qbo.{row['entity'].lower()}.{self._operation(row['operation'])}.v1",
                "datacontenttype": "application/json",
                "time": utc_time(row["at"], 9),
                "intuitentityid": row["record"],
                "intuitaccountid": realm,
                "data": loads(row["data"]),
            }
            for row in rows
        ]

    def _operation(self, operation: str) -> str:
        return str(self.switches["void_event"]) if operation == "void" else operation

    def _legacy(self, realm: str, rows: list[Any]) -> Json:
        entities = []
        for row in rows:
            data = loads(row["data"])
            entity = {
                "name": row["entity"],
                "id": row["record"],
                "operation": LEGACY[row["operation"]],
                "lastUpdated": metadata_time(int(row["at"])),
            }
            if "deletedid" in data:
                entity["deletedId"] = data["deletedid"]
            entities.append(entity)
        return {
            "eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": entities}}]
        }

    async def _try(self, row: Any) -> bool:
        resets = self._resets
        body = row["body"].encode()
        status, problem = await asyncio.to_thread(_post, self.url, body, self._headers(body))
        if self._resets != resets:
            return False
        done = status is not None and 200 <= status < 300
        wait = RETRIES[min(row["attempts"], len(RETRIES) - 1)]
        now = self.clock.seconds()
        self.store.run(
            "update delivery set attempts=attempts+1, status=?, problem=?, delivered=?, next_try=? "
            "where id=?",
            (status, problem, now if done else None, now + wait, row["id"]),
        )
        return done

    def _headers(self, body: bytes) -> dict[str, str]:
        digest = hmac.new(self.verifier_token.encode(), body, hashlib.sha256).digest()
        common = {
            "intuit-signature": base64.b64encode(digest).decode(),
            "intuit-created-time": utc_time(self.clock.seconds()),
            "intuit-t-id": str(uuid.uuid4()),
            "accept": "application/json",
            "user-agent": "intuit_notification_server/0.1",
        }
        if self.format == "legacy":
            return common | {
                "content-type": "application/json; charset=utf-8",
                "intuit-notification-schema-version": "0.1",
            }
        # shape 39: not application/json.
        return common | {
            "content-type": "application/cloudevents-batch+json; charset=utf-8",
            "intuit-notification-schema-version": "2.0",
            "intuit-signature-algorithm": "HMAC-SHA256",
            "intuit-signature-id": str(uuid.uuid4()),
        }


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, str | None]:
    """(status, problem) of one POST; never raises for what the network does."""
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = make(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path or "/", body, headers)
            return connection.getresponse().status, None
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return None, f"{type(error).__name__}: {error}"
