"""What invoices and payments made here begin with where a company sorts its sales (R12).

Class, location and terms exist only in companies that use them; a deposit account in all. Each is
a list that QuickBooks offers and at most one choice from it: without a choice nothing is sent, and
QuickBooks decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from integrations.models import Connection
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import ListedRecord, TermRecord
from integrations.session import Session


@dataclass(frozen=True, slots=True)
class Assignment:
    """`entity` is QuickBooks' list, "" for one that is read together with other accounts."""

    code: str
    entity: str
    label: str
    #: What happens while nothing is chosen.
    without: str
    explanation: str
    needed: Callable[[Mapping[str, Any]], bool]


CLASS: Final = Assignment(
    "class",
    "Class",
    "Class",
    "None",
    "Invoices made here go with this class.",
    lambda company: bool(company.get("class_tracking")),
)
LINE_CLASS: Final = Assignment(
    "line_class",
    "Class",
    "Class of each line",
    "None",
    "New lines of invoices made here go with this class.",
    lambda company: bool(company.get("class_tracking_per_line")),
)
LOCATION: Final = Assignment(
    "location",
    "Department",
    "Location",
    "None",
    "Invoices and payments made here go with this location.",
    lambda company: bool(company.get("location_tracking")),
)
TERMS: Final = Assignment(
    "terms",
    "Term",
    "Terms",
    "None; the due date of each invoice says it",
    "Invoices made here name these terms. Their due date stays the one they have here.",
    lambda company: bool(company.get("default_terms_id")),
)
DEPOSIT: Final = Assignment(
    "deposit",
    "",
    "Payments are deposited to",
    "QuickBooks' own choice, mostly Undeposited Funds",
    "Payments recorded here are booked to this account.",
    lambda company: True,
)
ASSIGNMENTS: Final = (CLASS, LINE_CLASS, LOCATION, TERMS, DEPOSIT)
#: What is kept of them on a connection.
FIELDS: Final = ("assignable", "assigned")
#: The types of account that a payment can be deposited to.
DEPOSIT_TYPES: Final = ("Bank", "Other Current Asset")


class NotAssignable(Exception):
    """Nothing was changed; `str()` is a sentence for the person who chose."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An assignment as a person sees it: what is offered, and what was chosen; "" for none."""

    assignment: Assignment
    offered: list[dict[str, str]]
    chosen: str

    @property
    def name(self) -> str:
        return next((each["name"] for each in self.offered if each["id"] == self.chosen), "")


def choices(connection: Connection) -> list[Choice]:
    """Those that the company needs."""
    return [
        Choice(each, connection.assignable.get(each.code, []), chosen(connection, each))
        for each in needed(connection)
    ]


def needed(connection: Connection) -> list[Assignment]:
    return [each for each in ASSIGNMENTS if each.needed(connection.company)]


def chosen(connection: Connection, assignment: Assignment) -> str:
    """The id that goes along; "" without a choice, or where the company needs none any more."""
    if not assignment.needed(connection.company):
        return ""
    return str(connection.assigned.get(assignment.code, ""))


def read(session: Session, connection: Connection) -> None:
    """Read the lists that the company needs: one metered read each, none for the accounts."""
    for each in needed(connection):
        if each.entity:
            keep(connection, each, _listed(session, each.entity))


def _listed(session: Session, entity: str) -> list[tuple[str, str]]:
    page = session.call(lambda api: api.query(select_page(entity)))
    found = [read_record(entity, raw) for raw in page.records]
    usable = [row for row in found if isinstance(row, ListedRecord | TermRecord) and row.active]
    return [(row.external_id, row.name) for row in usable]


def keep(connection: Connection, assignment: Assignment, rows: Iterable[tuple[str, str]]) -> None:
    """Keep what is offered; a choice stays while it is among it."""
    with transaction.atomic():
        lock_and_take(connection)
        offer(connection, assignment, rows)
        connection.save(update_fields=FIELDS)


def offer(connection: Connection, assignment: Assignment, rows: Iterable[tuple[str, str]]) -> None:
    """As `keep`, for a caller that holds the row and saves FIELDS itself."""
    offered = [{"id": external_id, "name": name} for external_id, name in rows]
    offered.sort(key=lambda each: each["name"].lower())
    connection.assignable[assignment.code] = offered
    if connection.assigned.get(assignment.code) not in {each["id"] for each in offered}:
        connection.assigned.pop(assignment.code, None)


def choose(connection: Connection, wanted: Mapping[str, str]) -> None:
    """Keep the ids that are `wanted`, by code; "" for none. Part of the caller's transaction.

    What is not named stays. Raises NotAssignable for an id that is not, or no longer, offered.
    """
    lock_and_take(connection)
    for each in needed(connection):
        choice = wanted.get(each.code)
        if choice is None:
            continue
        if choice and choice not in {o["id"] for o in connection.assignable.get(each.code, [])}:
            raise NotAssignable(f"{each.label}: that is not offered any more; choose another one.")
        connection.assigned[each.code] = choice
    connection.save(update_fields=["assigned"])


def lock_and_take(connection: Connection, *more: str) -> None:
    """Lock the row and take FIELDS, and `more`, from it: a person may have chosen meanwhile."""
    names = (*FIELDS, *more)
    now = Connection.objects.select_for_update(no_key=True).only(*names).get(pk=connection.pk)
    for name in names:
        setattr(connection, name, getattr(now, name))
