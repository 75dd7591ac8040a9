"""Reading one page of a query, even if one bad row makes QuickBooks fail the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from integrations.quickbooks import faults
from integrations.quickbooks.query import PAGE_SIZE
from integrations.quickbooks.records import Unreadable
from integrations.session import Session

#: Stands for the id of a row that only its place in a list is known of.
PLACE: Final = "place-"
#: No list is that long: the page there is empty.
_PAST_THE_END: Final = 1_000_000_000
#: Builds the statement for (start, size).
Statement = Callable[[int, int], str]


@dataclass(slots=True)
class PageRead:
    """The rows from `start` on, and the places whose row QuickBooks could not produce."""

    kind: str
    start: int
    rows: list[bytes] = field(default_factory=list)
    bad_places: list[int] = field(default_factory=list)
    #: Intuit's clock at the first answer.
    time: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Whether more rows may follow."""
        return len(self.rows) + len(self.bad_places) >= PAGE_SIZE

    def unreadable(self) -> list[Unreadable]:
        """The bad places as rows to set aside; their id is not to be had."""
        return [
            Unreadable(
                self.kind,
                f"{PLACE}{place}",
                f"QuickBooks cannot produce row {place} of its list. Often an email field there"
                " holds something that is no address.",
                "",
            )
            for place in self.bad_places
        ]


def read_page(session: Session, kind: str, statement: Statement, start: int) -> PageRead:
    """Read the page at `start`; one that fails as a whole is halved down to the bad row.

    QuickBooks says 4002 for such a page, or sends JSON that is none. Raises UnexpectedAnswer where
    not even an empty page can be read: then it is an outage, and no row's fault.
    """
    page = PageRead(kind, start)
    _read(session, statement, start, PAGE_SIZE, page)
    return page


def _read(session: Session, statement: Statement, start: int, size: int, page: PageRead) -> None:
    try:
        answer = session.call(lambda api: api.query(statement(start, size)))
    except (faults.UnreadablePage, faults.UnexpectedAnswer) as exc:
        if size == 1:
            if isinstance(exc, faults.UnexpectedAnswer):
                session.call(lambda api: api.query(statement(_PAST_THE_END, 1)))
            page.bad_places.append(start)
            return
        half = size // 2
        _read(session, statement, start, half, page)
        _read(session, statement, start + half, size - half, page)
        return
    page.rows += answer.records
    page.time = page.time or answer.time
