"""Catching up by query, where CDC was cut at 1,000 objects or would have to look back too far.

Every kind is read in order of LastUpdatedTime from the cursor on. Queries never show deletions
(facts 5.7), so before the cursor moves invoices and payments are listed from the oldest one that
is linked, and each linked one that is missing is read once: 610 means deleted. Those set aside are
asked for by id, and first of all: what is deleted must not come in with a customer that is read.
The place is kept on the connection, page by page; the cursor itself stays until all is done.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from integrations import leases
from integrations.models import Connection, InvoiceLink, PaymentLink, SetAside
from integrations.pulling import runs
from integrations.pulling.apply import KINDS, Rows, apply_parked, apply_rows
from integrations.pulling.pages import PLACE, PageRead, read_page
from integrations.pulling.read_again import read_unclear_again
from integrations.pulling.work import Work
from integrations.quickbooks import faults
from integrations.quickbooks.mapping import read_stub
from integrations.quickbooks.query import PAGE_SIZE, Order, select_page
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord, Tombstone
from integrations.session import Session

#: Steps that look for what was deleted, and the kinds they list.
_DELETABLE: Final = {"-Invoice": InvoiceRecord.entity, "-Payment": PaymentRecord.entity}
#: The same for what is set aside, and how many of it one query asks for.
_ASIDE: Final = {"?Invoice": InvoiceRecord.entity, "?Payment": PaymentRecord.entity}
_AT_ONCE: Final = 100
#: Rows that change while a second is read by position move out of it; the next page looks this
#: many rows back, so that those behind them are not skipped.
_LOOK_BACK: Final = 100
_LEASE_SECONDS: Final = 180.0


@dataclass(slots=True)
class Place:
    """How far the catch-up has come; kept as JSON on the connection."""

    #: Intuit's clock at its first answer: where the cursor goes when all is done.
    read_from: str
    run: int
    #: Kinds whose deleted ones among those set aside are to be found, kinds to be read, and those
    #: whose deleted ones among the linked are to be found.
    to_do: list[str]
    #: Keyset: rows of this second and later ...
    since: str
    #: ... from this position among them.
    start: int = 1
    #: The last row of the page before, which must still be seen where this one begins; among those
    #: set aside the last one that was asked for.
    last: str = ""
    #: Whether the listing that tells what was deleted has begun.
    listing: bool = False
    #: External ids of `since`'s second that a listing has seen already.
    seen: list[str] = field(default_factory=list)

    @property
    def read_from_instant(self) -> datetime:
        return datetime.fromisoformat(self.read_from)

    @property
    def since_instant(self) -> datetime:
        return datetime.fromisoformat(self.since)


def begin(connection: Connection, read_from: datetime, run: int, cursor: datetime) -> Place:
    """A catch-up's first place, kept: everything that changed since the cursor is to be read."""
    to_do = [*_ASIDE, *KINDS, *_DELETABLE]
    place = Place(read_from.isoformat(), run, to_do, cursor.isoformat())
    Connection.objects.filter(pk=connection.pk).update(catch_up=asdict(place))
    return place


def go_on(
    held: leases.Held, connection: Connection, session: Session, place: Place, until: float
) -> bool:
    """Read page after page; True when nothing is left, False when `until` (monotonic) has come.

    Each page is committed with the place behind it.
    """
    while place.to_do:
        if time.monotonic() > until:
            return False
        held.extend(_LEASE_SECONDS)
        task = place.to_do[0]
        if task in _ASIDE:
            _find_deleted_aside(held, connection, session, place, task)
        elif task in _DELETABLE:
            _find_deleted(held, connection, session, place, task)
        else:
            _read_changed(held, connection, session, place, task)
    return True


def _read_changed(
    held: leases.Held, connection: Connection, session: Session, place: Place, kind: str
) -> None:
    page = _page(session, kind, place, "MetaData.LastUpdatedTime")
    stubs = [stub for stub in map(read_stub, page.rows) if stub]
    if place.last and place.last not in {stub.external_id for stub in stubs}:
        # More rows moved out of this second than we look back: some may stand before this page.
        place.start, place.last = max(1, place.start - PAGE_SIZE), ""
        return
    last = stubs[-1] if stubs else None
    _move_on(connection, place, page, last.updated_at if last else None)
    place.last = last.external_id if last and place.start > 1 else ""
    rows = Rows.of({kind: page.rows})
    rows.unreadable += page.unreadable()
    read_unclear_again(connection, rows, lambda each: _read(held, session, kind, each))
    with transaction.atomic():
        held.guard()
        work = Work(connection, place.run, timezone.now())
        apply_rows(work, rows)
        apply_parked(work)
        _save(connection, place, work)


def _find_deleted_aside(
    held: leases.Held, connection: Connection, session: Session, place: Place, task: str
) -> None:
    kind = _ASIDE[task]
    aside = SetAside.objects.filter(connection=connection, kind=kind, external_id__gt=place.last)
    # Of what has a place only nobody knows the id.
    known = aside.exclude(external_id__startswith=PLACE).order_by("external_id")
    ids = list(known.values_list("external_id", flat=True)[:_AT_ONCE])
    if ids:
        page = read_page(
            session, kind, lambda start, size: select_page(kind, ids=ids, start=start, size=size), 1
        )
        there = {stub.external_id for stub in map(read_stub, page.rows) if stub}
        missing = [each for each in ids if each not in there]
        gone = _gone(held, session, kind, missing)
        place.last = ids[-1]
    else:
        gone, place.last = [], ""
        _next_task(connection, place)
    _remove(held, connection, place, gone)


def _find_deleted(
    held: leases.Held, connection: Connection, session: Session, place: Place, task: str
) -> None:
    kind = _DELETABLE[task]
    if not place.listing:
        oldest = _live(connection, kind).aggregate(at=Min("remote_created_at"))["at"]
        if oldest is None:
            _next_task(connection, place)
            _save(connection, place, None)
            return
        place.since, place.start, place.listing = oldest.isoformat(), 1, True
    window_from = place.since_instant
    page = _page(session, kind, place, "MetaData.CreateTime")
    stubs = [stub for stub in map(read_stub, page.rows) if stub]
    seen = {*place.seen, *(stub.external_id for stub in stubs)}
    last = stubs[-1].created_at if stubs else None
    still_here = page.is_full and last == window_from
    window_to = last if page.is_full else None
    missing = [] if still_here else _missing(connection, kind, window_from, window_to, seen)
    gone = _gone(held, session, kind, missing)
    _move_on(connection, place, page, last)
    place.seen = sorted(seen) if still_here else []
    _remove(held, connection, place, gone)


def _page(session: Session, kind: str, place: Place, order: Order) -> PageRead:
    since = place.since_instant
    by_change = order == "MetaData.LastUpdatedTime"

    def statement(start: int, size: int) -> str:
        if by_change:
            return select_page(kind, updated_from=since, order=order, start=start, size=size)
        return select_page(kind, created_from=since, order=order, start=start, size=size)

    return read_page(session, kind, statement, place.start)


def _move_on(connection: Connection, place: Place, page: PageRead, last: datetime | None) -> None:
    """Point the place at the next page, or at the next kind's first."""
    if not page.is_full:
        _next_task(connection, place)
    elif last is not None and last.replace(microsecond=0) > place.since_instant:
        place.since, place.start = last.isoformat(), 1
    else:
        # A page full of one second (facts 2.7: whole seconds): by position within it.
        place.start += PAGE_SIZE - _LOOK_BACK


def _next_task(connection: Connection, place: Place) -> None:
    place.to_do.pop(0)
    cursor = connection.cursor or connection.connected_at
    place.since, place.start, place.listing = cursor.isoformat(), 1, False


def _live(connection: Connection, kind: str) -> QuerySet[Any]:
    """The links that follow QuickBooks still."""
    model = InvoiceLink if kind == InvoiceRecord.entity else PaymentLink
    return model._default_manager.filter(connection=connection, frozen_at=None, gone_at=None)


def _missing(
    connection: Connection, kind: str, start: datetime, end: datetime | None, seen: set[str]
) -> list[str]:
    """Linked, live, unfrozen ones that QuickBooks' list of that time does not show."""
    ours = _live(connection, kind).filter(remote_created_at__gte=start)
    if end is not None:
        ours = ours.filter(remote_created_at__lt=end)
    return [each for each in ours.values_list("external_id", flat=True) if each not in seen]


def _gone(
    held: leases.Held, session: Session, kind: str, missing: Iterable[str]
) -> list[Tombstone]:
    """Those of `missing` that QuickBooks has no more."""
    return [
        Tombstone(kind, each, None) for each in missing if _read(held, session, kind, each) is None
    ]


def _read(held: leases.Held, session: Session, kind: str, external_id: str) -> bytes | None:
    """One object; None for a deleted one."""
    held.extend(_LEASE_SECONDS)
    try:
        return session.call(lambda api: api.read(kind, external_id))
    except faults.NotFound:
        return None


def _remove(held: leases.Held, connection: Connection, place: Place, gone: list[Tombstone]) -> None:
    with transaction.atomic():
        held.guard()
        work = Work(connection, place.run, timezone.now())
        apply_rows(work, Rows(tombstones=gone))
        _save(connection, place, work)


def _save(connection: Connection, place: Place, work: Work | None) -> None:
    """Keep the place and add the page's counts to the run, in the page's transaction."""
    Connection.objects.filter(pk=connection.pk).update(catch_up=asdict(place))
    if work is not None:
        runs.add(place.run, work)
