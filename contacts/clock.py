"""The company's calendar: which day it is where the business is."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from contacts.identity import identity


def zone() -> ZoneInfo:
    """The company's time zone; UTC where the stored name is not one."""
    try:
        return ZoneInfo(identity().time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def today() -> datetime.date:
    """The date on the company's calendar, which due dates and month ends go by."""
    return timezone.now().astimezone(zone()).date()


def local(instant: datetime.datetime) -> datetime.datetime:
    """`instant` on the company's clock."""
    return instant.astimezone(zone())
