"""The emulator's clock: real time plus an offset that tests move forward."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# facts 2.1: offsets are Pacific whatever the company's own zone is.
PACIFIC = ZoneInfo("America/Los_Angeles")


class Clock:
    def __init__(self) -> None:
        self.offset = 0.0
        self._frozen: float | None = None

    def seconds(self) -> float:
        """Seconds since the epoch, by this clock."""
        return self._frozen if self._frozen is not None else time.time() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def pretend(self, moment: float | None) -> None:
        """Stand still at `moment` (for sample records of the past, and tests); None runs on."""
        self._frozen = moment

    def today(self) -> date:
        """The server's date, which is Pacific (facts 4.3)."""
        return datetime.fromtimestamp(self.seconds(), PACIFIC).date()

    def envelope(self) -> str:
        """Time of an answer: milliseconds and a Pacific offset (facts 2.1)."""
        return envelope_time(self.seconds())

    def stamp(self) -> str:
        """Time inside MetaData: whole seconds and a Pacific offset (facts 2.1)."""
        return metadata_time(int(self.seconds()))


def envelope_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, PACIFIC).isoformat(timespec="milliseconds")


@lru_cache(maxsize=4096)
def metadata_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, PACIFIC).isoformat(timespec="seconds")


def utc_time(seconds: float, digits: int = 3) -> str:
    """RFC 3339 in UTC with a chosen number of fraction digits (facts 3.1: 0 to 9 are seen)."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if digits:
        text += f"{seconds % 1:.9f}"[1 : digits + 2]
    return text + "Z"


def parse_time(text: str) -> float:
    """Seconds of a date or date-time; without an offset it is read as Pacific (facts 5.10).

    Raises ValueError.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=PACIFIC)
    return moment.timestamp()


def days_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
