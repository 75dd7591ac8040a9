"""Failure rules: make chosen requests go wrong in a chosen way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

MODES = (
    "status",
    "throttle",
    "unauthorized",
    "slow",
    "reset_before",
    "reset_after",
    "timeout",
    "timeout_before",
    "truncate",
)


@dataclass
class Failure:
    """Applies to requests whose method and path (a substring, with the query) match.

    `nth` picks one of the matching requests; `count` the first so many; neither means all.
    `timeout` acts and never answers, `timeout_before` does neither; `seconds` is for slow and
    both time-outs.
    """

    mode: str
    method: str = ""
    path: str = ""
    nth: int = 0
    count: int = 0
    status: int = 500
    body: str = ""
    content_type: str = "application/json"
    seconds: float = 0.0
    retry_after: int = 0
    id: int = 0
    seen: int = 0
    used: int = 0

    def matches(self, method: str, target: str) -> bool:
        if self.method and self.method.upper() != method:
            return False
        if self.path not in target:
            return False
        self.seen += 1
        hit = self.seen == self.nth if self.nth else not self.count or self.used < self.count
        self.used += hit
        return hit


class Failures:
    def __init__(self) -> None:
        self.rules: list[Failure] = []
        self._last = 0

    def clear(self) -> None:
        self.rules.clear()

    def add(self, rule: dict[str, Any]) -> Failure:
        """Raises ValueError for a rule that makes no sense."""
        known = Failure.__dataclass_fields__.keys() - {"id", "seen", "used"}
        if unknown := rule.keys() - known:
            raise ValueError(f"A failure has no {', '.join(sorted(unknown))}.")
        if rule.get("mode") not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}.")
        self._last += 1
        failure = Failure(**rule)
        failure.id = self._last
        self.rules.append(failure)
        return failure

    def hit(self, method: str, target: str) -> Failure | None:
        """The first rule this request falls to; every matching rule counts it."""
        hits = [rule for rule in self.rules if rule.matches(method, target)]
        return hits[0] if hits else None

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]
