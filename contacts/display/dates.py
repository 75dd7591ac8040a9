"""Dates and instants: short, the same everywhere, on the company's clock."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.clock import local
from contacts.display.amounts import NOTHING

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short_date(date: datetime.date) -> str:
    """`23 Nov 2026`."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def short_month(date: datetime.date) -> str:
    """`Nov 2026`."""
    return f"{_MONTHS[date.month - 1]} {date.year}"


def day(date: datetime.date | None) -> SafeString:
    """A calendar date; a dash where there is none."""
    if date is None:
        return NOTHING
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), short_date(date))


def when(instant: datetime.datetime | None) -> SafeString:
    """How long ago within a day, else the date; the exact time in the title."""
    if instant is None:
        return NOTHING
    there = local(instant)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        instant.isoformat(timespec="seconds"),
        f"{short_date(there.date())}, {there:%H:%M:%S} ({there.tzname()})",
        _spoken(instant) or short_date(there.date()),
    )


def _spoken(instant: datetime.datetime) -> str:
    seconds = (timezone.now() - instant).total_seconds()
    size = abs(seconds)
    if size >= 86_400:
        return ""
    if size < 5:
        return "just now"
    if size < 60:
        amount = f"{int(size)} s"
    elif size < 3600:
        amount = f"{int(size // 60)} min"
    else:
        amount = f"{int(size // 3600)} h"
    return f"{amount} ago" if seconds > 0 else f"in {amount}"
