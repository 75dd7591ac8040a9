"""What was asked of the emulator; tests count round trips with it."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 20_000
BODY_KEPT = 20_000


@dataclass(frozen=True)
class Entry:
    id: int
    at: str
    method: str
    path: str
    query: str
    status: int
    ms: float
    body: str
    realm: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class RequestsLog:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._last = 0

    def clear(self) -> None:
        self._entries.clear()

    def add(
        self,
        *,
        at: str,
        method: str,
        path: str,
        query: str,
        status: int,
        ms: float,
        body: bytes,
        realm: str,
    ) -> None:
        self._last += 1
        text = body[:BODY_KEPT].decode("utf-8", "replace")
        self._entries.append(
            Entry(self._last, at, method, path, query, status, round(ms, 2), text, realm)
        )

    def after(self, entry_id: int = 0) -> list[Entry]:
        return [entry for entry in self._entries if entry.id > entry_id]
