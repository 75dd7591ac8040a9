"""Times as QuickBooks writes them, as aware datetimes in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime


def instant(text: str) -> datetime:
    """Read an ISO time with any offset (`Z`, `-08:00`, `-0800`) and any number of fraction digits.

    Raises ValueError for anything else, a time without an offset included: guessing a zone
    could move the cursor past changes by hours.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("a time outside the calendar") from exc


def instant_of(value: object) -> datetime | None:
    """Read an answer's `time`: ISO text, or milliseconds since 1970 in authentication faults."""
    try:
        if isinstance(value, str):
            return instant(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def day(text: str) -> date:
    """Read `YYYY-MM-DD`; a time or offset behind it is ignored. Raises ValueError."""
    return date.fromisoformat(text[:10])
