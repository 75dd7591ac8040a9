"""What the steps of one page share: for which connection, in which run, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Model

from contacts.models import FieldChange, Origin, RecordKind
from contacts.services.history import CREATED, as_text
from integrations import bulk
from integrations.models import Connection
from integrations.quickbooks.records import CustomerRecord, InvoiceRecord, ItemRecord, PaymentRecord


@dataclass(slots=True)
class Tally:
    """How many records a page made, changed, left as they were, skipped or removed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    removed: int = 0

    @property
    def any_change(self) -> bool:
        return bool(self.created or self.updated or self.skipped or self.removed)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.removed + other.removed,
        )


@dataclass(slots=True)
class Work:
    """One page's transaction. `now` is our clock; `run_id` stands on everything it writes."""

    connection: Connection
    run_id: int | None
    now: datetime
    tally: Tally = field(default_factory=Tally)
    #: The person whose decision this is; None for what a run does by itself.
    by_id: int | None = None
    #: The latest LastUpdatedTime among what was applied: for the measured delay (R4).
    newest: datetime | None = None
    #: Customers that got their first link on this page: what waits for them may come in.
    arrived_customers: set[str] = field(default_factory=set)
    #: Customers that left their contact: their invoices and payments go with them.
    moved_customers: set[str] = field(default_factory=set)
    #: Invoices made on this page that something was paid on: what waits for them may come in.
    arrived_invoices: set[str] = field(default_factory=set)
    #: Invoices whose credited part has to be reckoned again.
    touched_invoices: set[int] = field(default_factory=set)
    #: Invoices whose balance has to be reckoned again, for payments of theirs are on their way.
    unsettled_invoices: set[int] = field(default_factory=set)
    #: An import accounts for each row, also for what was set aside before and still is (R3).
    accounts_for_all: bool = False
    _changes: list[tuple[Any, ...]] = field(default_factory=list)

    def applied(self, record: CustomerRecord | ItemRecord | InvoiceRecord | PaymentRecord) -> None:
        """Remember how new the page was."""
        if self.newest is None or record.updated_at > self.newest:
            self.newest = record.updated_at

    def note_created(self, kind: RecordKind, record_id: int) -> None:
        self._note(kind, record_id, CREATED, "", "Imported from QuickBooks")

    def note_changes(
        self,
        kind: RecordKind,
        record: Model,
        values: dict[str, Any],
        conflicts: Iterable[str] = (),
    ) -> None:
        """Put each changed field into the record's history: nothing is overwritten without it."""
        lost = set(conflicts)
        for name, value in values.items():
            note = "Changed on both sides: QuickBooks won." if name in lost else ""
            self._note(kind, record.pk, name, getattr(record, name), value, note)

    def note_change(
        self, kind: RecordKind, record_id: int, field_name: str, old: Any, new: Any, note: str = ""
    ) -> None:
        self._note(kind, record_id, field_name, old, new, note)

    def mark(self) -> tuple[Any, ...]:
        """What has been noted so far, to come back to when a savepoint is rolled back."""
        return (
            replace(self.tally),
            self.newest,
            *(set(each) for each in self._sets()),
            len(self._changes),
        )

    def back_to(self, mark: tuple[Any, ...]) -> None:
        """Forget what was noted since."""
        tally, self.newest, *kept, changes = mark
        self.tally = replace(tally)
        for each, before in zip(self._sets(), kept, strict=True):
            each.intersection_update(before)
        del self._changes[changes:]

    def _sets(self) -> tuple[set[Any], ...]:
        return (
            self.arrived_customers,
            self.moved_customers,
            self.arrived_invoices,
            self.touched_invoices,
            self.unsettled_invoices,
        )

    def write_history(self) -> None:
        """Write what was noted, in one statement."""
        bulk.insert(
            FieldChange,
            ("kind", "record_id", "field", "old", "new", "side", "at", "by", "run", "note"),
            self._changes,
        )
        self._changes.clear()

    def _note(
        self,
        kind: RecordKind,
        record_id: int,
        field_name: str,
        old: Any,
        new: Any,
        note: str = "",
    ) -> None:
        self._changes.append(
            (
                kind,
                record_id,
                field_name,
                _shown(old),
                _shown(new),
                Origin.QUICKBOOKS,
                self.now,
                self.by_id,
                self.run_id,
                note,
            )
        )


def _shown(value: Any) -> str:
    # As a person's edits are kept, so that both compare with what is stored now.
    return value.isoformat() if isinstance(value, datetime) else as_text(value)
