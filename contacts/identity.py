"""Name, time zone and currency of the business, which every page needs and nobody changes often.

Kept in the process for a few seconds, so that a page costs no query for them. The process that
saves the business sees the change at once, the others within `FRESH_SECONDS`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from contacts.models import Business

FRESH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    time_zone: str
    currency: str
    has_logo: bool


_kept: tuple[float, Identity] | None = None


def identity() -> Identity:
    """What is known of the business now, or `FRESH_SECONDS` ago."""
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > FRESH_SECONDS:
        row = (
            Business.objects.filter(pk=1)
            .values_list("name", "time_zone", "currency", "logo_type")
            .first()
        )
        fresh = Business()
        name, time_zone, currency, logo_type = row or (
            "",
            fresh.time_zone,
            fresh.currency,
            "",
        )
        _kept = (now, Identity(name, time_zone, currency, bool(logo_type)))
    return _kept[1]


@receiver(post_save, sender=Business)
def forget(**_: Any) -> None:
    """Ask the database again; also for tests that roll the business back."""
    global _kept
    _kept = None
