"""What was measured, beside its budget."""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import dataclass, field

COMMITS = 50


@dataclass(frozen=True)
class Line:
    """One row of the table. `used` is the share of the budget: above 1 it is missed."""

    what: str
    measured: str
    budget: str = ""
    used: float | None = None
    #: A direction rather than a promise.
    aim: bool = False

    @property
    def missed(self) -> bool:
        return self.used is not None and self.used > 1 and not self.aim

    @property
    def verdict(self) -> str:
        if self.used is None:
            return ""
        if self.aim:
            return "aim reached" if self.used <= 1 else "aim not reached"
        return "MISSED" if self.missed else "met"


@dataclass
class Report:
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def at_most(self, what, value, limit, unit="", *, aim=False):
        used = value / limit if limit else (0.0 if value == 0 else float("inf"))
        self._add(what, value, f"<= {_number(limit)}", unit, used, aim)

    def at_least(self, what, value, limit, unit="", *, aim=False):
        used = limit / value if value else float("inf")
        self._add(what, value, f">= {_number(limit)}", unit, used, aim)

    def fact(self, what, value, unit=""):
        self.lines.append(Line(what, f"{_number(value)} {unit}".strip()))

    def note(self, sentence):
        self.notes.append(sentence)

    def _add(self, what, value, budget, unit, used, aim):
        measured = f"{_number(value)} {unit}".strip()
        self.lines.append(Line(what, measured, f"{budget} {unit}".strip(), used, aim))

    @property
    def missed(self):
        return [line for line in self.lines if line.missed]

    def text(self):
        rows = [("what", "measured", "budget", "used", "")]
        for line in self.lines:
            used = "" if line.used is None else f"{line.used:.2f}"
            rows.append((line.what, line.measured, line.budget, used, line.verdict))
        widths = [max(len(row[place]) for row in rows) for place in range(5)]
        rule = "-" * (sum(widths) + 8)
        lines = [_row(rows[0], widths), rule, *(_row(row, widths) for row in rows[1:]), rule]
        return "\n".join([*lines, *(f"* {note}" for note in self.notes)])


def _row(cells, widths):
    what, measured, budget, used, verdict = cells
    return (
        f"{what:<{widths[0]}}  {measured:>{widths[1]}}  {budget:<{widths[2]}}  "
        f"{used:>{widths[3]}}  {verdict}"
    ).rstrip()


def _number(value):
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def percentile(values, share):
    """The smallest value that at least `share` per cent of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def machine():
    """What a reader must know to compare two runs."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].split()[0]
        cursor.execute("CREATE TABLE commits (number integer)")
        seconds = []
        for number in range(COMMITS):
            started = time.perf_counter()
            cursor.execute("INSERT INTO commits VALUES (%s)", [number])
            seconds.append(time.perf_counter() - started)
        cursor.execute("DROP TABLE commits")
    return (
        f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}), Python"
        f" {platform.python_version()}, PostgreSQL {version} (fsync on, a commit takes"
        f" {statistics.median(seconds) * 1000:.1f} ms), load average {os.getloadavg()[0]:.1f}"
    )
