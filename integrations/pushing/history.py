from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from integrations.pulling.work import Work


@contextmanager
def noted(work: Work) -> Iterator[None]:
    """What was noted for history and counts is forgotten with the transaction that fails."""
    before = work.mark()
    try:
        yield
    except BaseException:
        work.back_to(before)
        raise
