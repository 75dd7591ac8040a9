"""Hearing what the CRM announces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard(signal) -> Iterator[list[dict]]:
    """Collects what the signal sent meanwhile, each time its arguments."""
    calls: list[dict] = []

    def listen(**kwargs):
        calls.append(kwargs)

    signal.connect(listen)
    try:
        yield calls
    finally:
        signal.disconnect(listen)
