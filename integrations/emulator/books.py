"""One company's books as one writer sees them: reading, saving and the events that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integrations.emulator import faults
from integrations.emulator.companies import Company, load_company
from integrations.emulator.jsontext import Json, dumps, loads

if TYPE_CHECKING:
    from integrations.emulator.emulator import Emulator

# Names share one row of numbers, and so do transactions (facts 2.1).
SEQUENCES = {
    "Customer": "name",
    "Vendor": "name",
    "Employee": "name",
    "Invoice": "transaction",
    "Payment": "transaction",
    "CreditMemo": "transaction",
}


class Books:
    """`person` writes like someone inside QuickBooks: gaps are filled in, tokens not asked for.

    `silent` writes leave no event and no new LastUpdatedTime (for tests of reconciliation).
    """

    def __init__(
        self,
        emulator: Emulator,
        realm: str,
        *,
        person: bool = False,
        silent: bool = False,
        options: frozenset[str] = frozenset(),
    ) -> None:
        company = load_company(emulator.store, realm)
        if company is None:
            raise LookupError(f"There is no company {realm}.")
        self.company: Company = company
        self.realm = realm
        self.emulator = emulator
        self.store = emulator.store
        self.clock = emulator.clock
        self.switches = emulator.switches
        self.person = person
        self.silent = silent
        self.options = options
        self._preferences: Json | None = None

    @property
    def preferences(self) -> Json:
        if self._preferences is None:
            self._preferences = self.store.get(self.realm, "Preferences", "1") or {}
        return self._preferences

    def preference(self, group: str, name: str) -> Any:
        return (self.preferences.get(group) or {}).get(name)

    def get(self, entity: str, record_id: str) -> Json | None:
        return self.store.get(self.realm, entity, record_id)

    def referenced(self, entity: str, ref: Json | None, element: str) -> Json:
        """The record a Ref names. Raises Fault 2500 when absent and 610 when inactive."""
        value = str((ref or {}).get("value", ""))
        found = self.get(entity, value)
        if found is None:
            raise faults.invalid_reference(element, value)
        if found.get("Active") is False:
            raise faults.not_found()
        return found

    def find(self, entity: str, where: str, values: tuple[Any, ...] = ()) -> list[Json]:
        rows = self.store.rows(
            f"select body from record where realm=? and entity=? and {where}",  # noqa: S608
            (self.realm, entity, *values),
        )
        return [loads(row["body"]) for row in rows]

    def add(self, entity: str, body: Json) -> Json:
        """Save a new record: Id (unless it has one), SyncToken 0, times, and an event."""
        now = self.clock.stamp()
        if "Id" not in body:
            body["Id"] = str(self.store.next_id(self.realm, SEQUENCES.get(entity, entity)))
        body |= {
            "domain": "QBO",
            "sparse": False,
            "SyncToken": "0",
            "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
        }
        self.store.put(self.realm, entity, body)
        self.event(entity, body["Id"], "created")
        return body

    def change(
        self, entity: str, body: Json, operation: str = "updated", *, token: bool = True
    ) -> Json:
        """Save a changed record. `token=False` keeps the SyncToken (facts 2.3: balances)."""
        if token:
            body["SyncToken"] = str(int(body["SyncToken"]) + 1)
        if not self.silent:
            body["MetaData"] = {**body["MetaData"], "LastUpdatedTime": self.clock.stamp()}
        self.store.put(self.realm, entity, body)
        if token or entity != "Customer" or self.switches["balance_event"]:
            self.event(entity, body["Id"], operation)
        return body

    def rewrite(self, entity: str, body: Json) -> None:
        """Save what follows from another change and shows nowhere (a path under a parent)."""
        self.store.put(self.realm, entity, body)

    def erase(self, entity: str, record_id: str) -> None:
        """Remove for good and leave the mark that CDC reports."""
        self.store.remove(self.realm, entity, record_id)
        self.bury(entity, record_id)
        self.event(entity, record_id, "deleted")

    def bury(self, entity: str, record_id: str) -> None:
        self.store.run(
            "insert or replace into tombstone values (?,?,?,?)",
            (self.realm, entity, record_id, int(self.clock.seconds())),
        )

    def event(self, entity: str, record_id: str, operation: str, data: Json | None = None) -> None:
        if not self.silent:
            self.emulator.events.queue(self.realm, entity, record_id, operation, data or {})


def ref(body: Json, name: str | None = None) -> Json:
    """A Ref to a record, named the way QuickBooks names it there."""
    shown = name or body.get("FullyQualifiedName") or body.get("DisplayName") or body.get("Name")
    return {"value": body["Id"], "name": shown} if shown else {"value": body["Id"]}


def same(one: Json, other: Json) -> bool:
    """Whether two bodies say the same, whatever their times and tokens."""
    skip = ("MetaData", "SyncToken", "sparse", "domain")
    return dumps({key: one[key] for key in sorted(one) if key not in skip}) == dumps(
        {key: other[key] for key in sorted(other) if key not in skip}
    )
