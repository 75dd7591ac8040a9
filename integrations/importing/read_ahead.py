"""Pages fetched a few at a time ahead of the one that is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from django.db import connections

from integrations.pulling.pages import PageRead, read_page
from integrations.quickbooks.query import PAGE_SIZE, select_page
from integrations.session import Session

#: Pages in flight or waiting: enough to hide the wire, few enough to keep memory flat.
AHEAD: Final = 3


def pages(session: Session, kind: str, start: int, total: int) -> Generator[PageRead]:
    """Yield the pages from position `start` on, in order, until one is not full.

    Each page begins with the last row of the one before: if it does not, rows have moved.
    `total` is how many rows there were at the count; pages beyond it are asked for one by one,
    only while the last one was full. Closing the generator waits for the requests under way.
    """
    with ThreadPoolExecutor(AHEAD) as readers:
        waiting: deque[Future[PageRead]] = deque()
        position = start
        try:
            while True:
                if waiting or position + PAGE_SIZE <= total:
                    while len(waiting) < AHEAD and position <= total:
                        waiting.append(readers.submit(_read_aside, session, kind, position))
                        position += PAGE_SIZE - 1
                    page = waiting.popleft().result()
                else:
                    # There is nothing to fetch beside it.
                    page = _read(session, kind, position)
                    position += PAGE_SIZE - 1
                yield page
                if not page.is_full:
                    return
        finally:
            for future in waiting:
                future.cancel()


def _read(session: Session, kind: str, start: int) -> PageRead:
    return read_page(
        session,
        kind,
        lambda place, size: select_page(kind, order="Id", start=place, size=size),
        start,
    )


def _read_aside(session: Session, kind: str, start: int) -> PageRead:
    try:
        return _read(session, kind, start)
    finally:
        # The reader's thread has a database connection of its own for gate and metering.
        connections.close_all()
