"""The API budget as a small chart: reads and writes of this month, day by day (R26)."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass, field
from typing import Final

from contacts.display.dates import short_date, short_month
from integrations.models import DailyCount

#: Metered reads a month in Intuit's free tier; beyond them calls are refused until the next
#: month (facts: Intuit App Partner Program, Builder).
ALLOWANCE: Final = 500_000
WIDTH, HEIGHT = 620, 96
_BASE, _SLOT = 80, 20


@dataclass(frozen=True, slots=True)
class Day:
    """One day's calls, and its bar: reads below, writes on top of them."""

    date: datetime.date
    reads: int
    writes: int
    x: int
    read_y: int
    read_height: int
    write_y: int
    write_height: int

    @property
    def text(self) -> str:
        return f"{short_date(self.date)}: {self.reads:,} reads, {self.writes:,} writes"


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month (UTC, as Intuit meters it)."""

    name: str
    reads: int
    writes: int
    days: list[Day] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    base: int = _BASE
    allowance: int = ALLOWANCE

    @property
    def percent(self) -> str:
        """The part of the allowance that is used, `under 1` where there is hardly any."""
        share = 100 * self.reads / ALLOWANCE
        return "under 1" if 0 < share < 1 else f"{share:.0f}"

    @property
    def tone(self) -> str:
        return "failed" if self.reads >= ALLOWANCE else "held" if self.near else "ok"

    @property
    def near(self) -> bool:
        return self.reads >= 0.8 * ALLOWANCE


def month_of(day: datetime.date) -> Month:
    """The month of `day` so far, in one query."""
    first = day.replace(day=1)
    length = calendar.monthrange(day.year, day.month)[1]
    counted: dict[tuple[datetime.date, str], int] = {
        (when, name): count
        for when, name, count in DailyCount.objects.filter(
            day__gte=first, day__lt=first + datetime.timedelta(days=length)
        ).values_list("day", "name", "count")
    }

    def of(date: datetime.date) -> tuple[int, int]:
        reads = counted.get((date, DailyCount.Name.READS), 0)
        return reads, counted.get((date, DailyCount.Name.WRITES), 0)

    dates = [first + datetime.timedelta(days=number) for number in range(length)]
    most = max((sum(of(date)) for date in dates), default=0) or 1
    return Month(
        short_month(first),
        sum(of(date)[0] for date in dates),
        sum(of(date)[1] for date in dates),
        [_day(number, date, *of(date), most) for number, date in enumerate(dates)],
    )


def _day(number: int, date: datetime.date, reads: int, writes: int, most: int) -> Day:
    tall, taller = _height(reads, most), _height(writes, most)
    return Day(
        date,
        reads,
        writes,
        number * _SLOT + 3,
        read_y=_BASE - tall,
        read_height=tall,
        write_y=_BASE - tall - taller,
        write_height=taller,
    )


def _height(number: int, most: int) -> int:
    """In units of the drawing; a single call is still seen."""
    return max(2, round(number / most * (_BASE - 8))) if number else 0
