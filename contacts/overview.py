"""The figures of the first page. Sums are per currency, never across."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from contacts.models import Invoice, Payment

#: Days overdue at which an age group begins, and what it is called (shortly, in full).
AGES = (
    (None, "Not due", "Not due yet"),
    (1, "1–30", "1 to 30 days"),
    (31, "31–60", "31 to 60 days"),
    (61, "61–90", "61 to 90 days"),
    (91, "90+", "More than 90 days"),
)
MONTHS = 12
ZERO = Decimal(0)


@dataclass(slots=True)
class Standing:
    """How things stand in one currency."""

    currency: str
    owed: Decimal = ZERO
    owed_count: int = 0
    overdue: Decimal = ZERO
    overdue_count: int = 0
    ages: list[Decimal] = field(default_factory=lambda: [ZERO] * len(AGES))
    months: dict[datetime.date, Decimal] = field(default_factory=dict)

    @property
    def received_this_month(self) -> Decimal:
        return next(reversed(self.months.values()), ZERO)


def last_months(today: datetime.date) -> list[datetime.date]:
    """The first days of this month and the eleven before it, oldest first."""
    ordinal = today.year * 12 + today.month - 1
    return [
        datetime.date(number // 12, number % 12 + 1, 1)
        for number in range(ordinal - MONTHS + 1, ordinal + 1)
    ]


def standings(today: datetime.date, home_currency: str) -> list[Standing]:
    """One per currency that is owed or came in lately, the home currency first. Two queries."""
    months = last_months(today)
    found: dict[str, Standing] = {}

    def of(currency: str) -> Standing:
        if currency not in found:
            found[currency] = Standing(currency, months=dict.fromkeys(months, ZERO))
        return found[currency]

    for row in _owed(today):
        standing = of(row["currency"])
        standing.ages = [row[f"age_{number}"] or ZERO for number in range(len(AGES))]
        standing.owed = sum(standing.ages, ZERO)
        standing.overdue = sum(standing.ages[1:], ZERO)
        standing.owed_count = row["owed_count"]
        standing.overdue_count = row["overdue_count"]
    # By day, as the index has them: cutting each date to its month costs more than all the rest.
    received = (
        Payment.objects.filter(
            voided_at=None, date__gte=months[0], date__lt=_month_after(months[-1])
        )
        .values("currency", "date")
        .annotate(received=Sum("amount"))
        .order_by()
    )
    for payment in received:
        of(payment["currency"]).months[payment["date"].replace(day=1)] += payment["received"]
    return sorted(found.values(), key=lambda s: (s.currency != home_currency, s.currency))


def _owed(today: datetime.date) -> Iterable[Any]:
    sums = {}
    for number, (first_day, _, _) in enumerate(AGES):
        latest = today - datetime.timedelta(days=first_day or 0)
        within = Q(due_date__lte=latest) if first_day else Q(due_date__gte=today) | Q(due_date=None)
        if first_day and number + 1 < len(AGES):
            oldest = today - datetime.timedelta(days=(AGES[number + 1][0] or 0) - 1)
            within &= Q(due_date__gte=oldest)
        sums[f"age_{number}"] = Sum("balance", filter=within)
    return (
        Invoice.objects.owed()
        .values("currency")
        .annotate(
            # Of the columns in the index of what is owed: the invoices themselves are not read.
            owed_count=Count("currency"),
            overdue_count=Count("currency", filter=Q(due_date__lt=today)),
            **sums,
        )
        .order_by()
    )


def due_soon(today: datetime.date, days: int = 14, limit: int = 6) -> list[Invoice]:
    """Owed invoices that fall due within `days`, the next one first."""
    until = today + datetime.timedelta(days=days)
    return list(
        Invoice.objects.owed()
        .filter(due_date__gte=today, due_date__lte=until)
        .select_related("contact")
        .order_by("due_date", "pk")[:limit]
    )


def _month_after(first: datetime.date) -> datetime.date:
    return (first + datetime.timedelta(days=32)).replace(day=1)
