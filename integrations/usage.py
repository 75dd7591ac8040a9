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


def meter(report: CallReport) -> None:
    """Count a call, answered or not: Intuit may have counted it."""
    name = DailyCount.Name.READS if report.is_read else DailyCount.Name.WRITES
    DailyCount.add(name)


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
