"""Request limits of the accounting API, by the emulator's clock (facts 2.8)."""

from __future__ import annotations

from collections import defaultdict, deque

WINDOWS = ((1.0, 10), (60.0, 500))


class Limits:
    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def clear(self) -> None:
        self._seen.clear()

    def allow(self, realm: str, now: float) -> bool:
        """Whether one more request of this company fits; refused ones do not count."""
        seen = self._seen[realm]
        while seen and seen[0] <= now - WINDOWS[-1][0]:
            seen.popleft()
        for seconds, most in WINDOWS:
            if len(seen) >= most and seen[-most] > now - seconds:
                return False
        seen.append(now)
        return True
