"""Applying rows of any kind in the one order that works: what others refer to comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, transaction

from integrations.pulling import customers, invoices, items, payments, under_way
from integrations.pulling.balances import reckon_balances
from integrations.pulling.following import follow_customers
from integrations.pulling.questions import settle_addresses
from integrations.pulling.removals import apply_tombstones
from integrations.pulling.set_aside import put_unreadable_aside
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import (
    CustomerRecord,
    InvoiceRecord,
    ItemRecord,
    PaymentRecord,
    Tombstone,
    Unreadable,
)

#: Customer and Item before Invoice before Payment.
KINDS = ("Customer", "Item", "Invoice", "Payment")

_APPLY: Mapping[str, Callable[[Work, list[Any]], None]] = {
    CustomerRecord.entity: customers.apply_customers,
    ItemRecord.entity: items.apply_items,
    InvoiceRecord.entity: invoices.apply_invoices,
    PaymentRecord.entity: payments.apply_payments,
}


@dataclass(slots=True)
class Rows:
    """Mapped rows of one answer, by kind."""

    records: dict[str, list[Any]] = field(default_factory=dict)
    tombstones: list[Tombstone] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.records or self.tombstones or self.unreadable)

    @property
    def external_ids(self) -> list[str]:
        """The ids of all rows that tell theirs."""
        rows: list[Any] = [*self.tombstones, *self.unreadable]
        for records in self.records.values():
            rows += records
        return [row.external_id for row in rows if row.external_id]

    def ids_of(self, kind: str) -> list[str]:
        """The ids of this kind, of deleted ones too."""
        deleted = [stone.external_id for stone in self.tombstones if stone.kind == kind]
        return [record.external_id for record in self.records.get(kind, [])] + deleted

    @classmethod
    def of(cls, by_kind: Mapping[str, Sequence[bytes]]) -> Rows:
        """Map each row once; one that cannot be mapped never stops the others."""
        rows = cls()
        for kind, raws in by_kind.items():
            for raw in raws:
                found = read_record(kind, raw)
                if isinstance(found, Tombstone):
                    rows.tombstones.append(found)
                elif isinstance(found, Unreadable):
                    rows.unreadable.append(found)
                else:
                    rows.records.setdefault(kind, []).append(found)
        return rows


def apply_rows(work: Work, rows: Rows, *, trusting: bool = False) -> None:
    """Apply everything inside the caller's transaction, history included.

    `trusting` spares the savepoints: a row that the database refuses then costs the transaction,
    and raises DataError or IntegrityError.
    """
    apply_kind = _apply_all if trusting else _apply_kind
    for kind in KINDS:
        if kind == InvoiceRecord.entity:
            payments.lock_linked(work, rows.ids_of(PaymentRecord.entity))
        known = under_way.hold_back_new(work, kind, rows.records.get(kind, []))
        apply_kind(work, kind, known)
        if kind == PaymentRecord.entity:
            apply_kind(work, kind, payments.waiting(work))
    follow_customers(work, work.moved_customers)
    apply_tombstones(work, rows.tombstones)
    put_unreadable_aside(work, rows.unreadable)
    reckon_balances(work)
    work.arrived_invoices.clear()
    work.moved_customers.clear()
    work.write_history()


def _apply_all(work: Work, kind: str, records: list[Any]) -> None:
    if records:
        _APPLY[kind](work, records)


def _apply_kind(work: Work, kind: str, records: list[Any]) -> None:
    """Apply a page's rows of one kind together; if the database refuses, halved down to the row.

    A number too large for any column, or an address a person gave away this very moment, then
    costs one row and not the page.
    """
    if not records:
        return
    kept = work.mark()
    try:
        with transaction.atomic():
            _APPLY[kind](work, records)
    except (DataError, IntegrityError):
        work.back_to(kept)
        if len(records) == 1:
            put_unreadable_aside(work, [_refused(kind, records[0])])
            return
        middle = len(records) // 2
        _apply_kind(work, kind, records[:middle])
        _apply_kind(work, kind, records[middle:])


def _refused(kind: str, record: Any) -> Unreadable:
    return Unreadable(
        kind,
        record.external_id,
        "It holds a value that does not fit here, or belongs to another record.",
        record.raw,
        record.sync_token,
        record.updated_at,
    )


def apply_parked(work: Work) -> None:
    """The end of a pull or an import: what waited for something that is here by now comes in."""
    rows = Rows(records=under_way.let_go(work))
    rows.records.setdefault(InvoiceRecord.entity, []).extend(invoices.waiting(work))
    apply_rows(work, rows)
    # Some of what is here already may have waited for them with another contact.
    follow_customers(work, work.arrived_customers)
    settle_addresses(work)
    work.write_history()
