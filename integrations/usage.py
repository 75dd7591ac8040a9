"""The API budget: what was read and written this month (R26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from integrations.models import DailyCount
from integrations.quickbooks.client import CallReport


@dataclass(frozen=True, slots=True)
class Month:
    """Calls to QuickBooks in a calendar month (UTC). Intuit meters reads; writes are free."""

    reads: int
    writes: int


def name_of(is_read: bool) -> DailyCount.Name:
    """Which of the two counts a call belongs to."""
    return DailyCount.Name.READS if is_read else DailyCount.Name.WRITES


def meter(report: CallReport) -> None:
    """Count a call made before there was a connection; afterwards the rate gate counts."""
    DailyCount.add(name_of(report.is_read))


def of_month(day: date) -> Month:
    """Return what the month of `day` used so far."""
    counted = dict(
        DailyCount.objects.filter(day__year=day.year, day__month=day.month)
        .values_list("name")
        .annotate(total=Sum("count"))
    )
    return Month(
        reads=counted.get(DailyCount.Name.READS, 0),
        writes=counted.get(DailyCount.Name.WRITES, 0),
    )
