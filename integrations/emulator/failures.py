"""Failure rules: make chosen requests go wrong in a chosen way."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from integrations.emulator.fault_codes import example

MODES = {
    "status": "a status, with a body if given",
    "fault": "a fault of the code given (facts 2.6); status 200 sends it as a success",
    "unauthorized": "401 with lower-case keys; at the token endpoint invalid_client",
    "forbidden": "403 with lower-case keys, 3100 or 3202",
    "throttle": "429 in XML; at the token endpoint with nothing in it",
    "bad_gateway": "502, the HTML page of nginx",
    "gateway_timeout": "504, the words stream timeout",
    "slow": "works after some seconds",
    "reset_before": "the line breaks, nothing was done",
    "reset_after": "the work is done, then the line breaks",
    "timeout": "the work is done, no answer comes",
    "timeout_before": "nothing is done, no answer comes",
    "truncate": "the work is done, half of the answer comes",
}


@dataclass
class Failure:
    """Applies to requests whose method, path (a substring, with the query) and body match.

    `nth` is the first of the matching requests it hits and `count` how many from there on: `nth`
    alone means that one, `count` alone the first so many, neither means all. `seconds` is for
    slow and both time-outs; `status` 0 is the mode's own.
    """

    mode: str
    method: str = ""
    path: str = ""
    containing: str = ""
    nth: int = 0
    count: int = 0
    status: int = 0
    code: str = ""
    body: str = ""
    content_type: str = "application/json"
    seconds: float = 0.0
    retry_after: int = 0
    id: int = 0
    seen: int = 0
    used: int = 0

    def matches(self, method: str, target: str, body: bytes) -> bool:
        if self.method and self.method.upper() != method:
            return False
        if self.path not in target or self.containing.encode() not in body:
            return False
        self.seen += 1
        most = self.count or (1 if self.nth else self.used + 1)
        hit = self.seen >= self.nth and self.used < most
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
        if rule["mode"] == "fault":
            example(str(rule.get("code", "")))
        self._last += 1
        failure = Failure(**rule)
        failure.id = self._last
        self.rules.append(failure)
        return failure

    def hit(self, method: str, target: str, body: bytes) -> Failure | None:
        """The first rule this request falls to; every matching rule counts it."""
        hits = [rule for rule in self.rules if rule.matches(method, target, body)]
        return hits[0] if hits else None

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules]
