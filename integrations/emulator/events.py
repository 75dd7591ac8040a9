"""Webhooks: events are queued with the change and delivered in the background (facts 3)."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from integrations.emulator import webhook_shapes
from integrations.emulator.jsontext import Json, dumps

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
        if not self._ready():
            return None
        retry = self.store.value(
            "select min(next_try) from delivery where delivered is null and attempts > 0"
        )
        oldest = self.store.value("select min(at) from event where delivery is null")
        due = [moment for moment in (retry, oldest and oldest + self._delay()) if moment]
        return max(GATHER_SECONDS, min(due) - self.clock.seconds()) if due else None

    def _ready(self) -> bool:
        return bool(self.url and self.enabled)

    def _delay(self) -> float:
        return float(self.switches["event_delay_seconds"])

    async def deliver(self) -> None:
        """Bundle waiting events and try what is due, oldest first.

        facts 3.3: while one delivery fails, later ones of that company may be held back.
        """
        async with self._sending:
            if not self._ready():
                return
            resets = self._resets
            self._bundle()
            order = "desc" if self.switches["events_reversed"] else "asc"
            held: set[str] = set()
            for row in self.store.rows(
                f"select * from delivery where delivered is null order by id {order}"  # noqa: S608
            ):
                if self._resets != resets:
                    return
                realms = set(row["realm"].split(","))
                if realms & held:
                    continue
                waits = (row["next_try"] or 0) > self.clock.seconds()
                if (waits or not await self._try(row)) and self.switches["events_held_back"]:
                    held |= realms

    def _bundle(self) -> None:
        """Put the events that are due into deliveries, one company each or all together."""
        together = self.switches["events_of_companies_together"]
        with self.store.transaction():
            due = self.store.rows(
                "select * from event where delivery is null and at<=? order by id",
                (self.clock.seconds() - self._delay(),),
            )
            groups: dict[str, list[Any]] = {}
            for row in due:
                groups.setdefault("" if together else row["realm"], []).append(row)
            for rows in groups.values():
                for start in range(0, len(rows), EVENTS_PER_DELIVERY):
                    self._bundle_one(rows[start : start + EVENTS_PER_DELIVERY])

    def _bundle_one(self, rows: list[Any]) -> None:
        if self.switches["events_reversed"]:
            rows = rows[::-1]
        realms = ",".join(sorted({row["realm"] for row in rows}))
        text = webhook_shapes.body(self.format, rows, self.switches)
        delivery = self.store.value(
            "insert into delivery (realm, body, events, queued) values (?,?,?,?) returning id",
            (realms, text, len(rows), self.clock.seconds()),
        )
        self.store.db.executemany(
            "update event set delivery=? where id=?", [(delivery, row["id"]) for row in rows]
        )

    async def _try(self, row: Any) -> bool:
        resets = self._resets
        status, problem = await self._send(row)
        done = status is not None and 200 <= status < 300
        if done and self.switches["events_twice"]:
            await self._send(row)
        if self._resets != resets:
            return False
        wait = RETRIES[min(row["attempts"], len(RETRIES) - 1)]
        now = self.clock.seconds()
        self.store.run(
            "update delivery set attempts=attempts+1, status=?, problem=?, delivered=?, next_try=? "
            "where id=?",
            (status, problem, now if done else None, now + wait, row["id"]),
        )
        return done

    async def _send(self, row: Any) -> tuple[int | None, str | None]:
        content = row["body"].encode()
        headers = webhook_shapes.headers(
            self.format, content, self.verifier_token, self.clock.seconds()
        )
        return await asyncio.to_thread(_post, self.url, content, headers)


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
