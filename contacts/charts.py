"""Bar charts as coordinates, for SVG that the server writes: no script, no style, any theme."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from contacts.display.amounts import plain_amount
from contacts.display.dates import short_month

WIDTH, HEIGHT = 480, 190
_LEFT, _TOP, _BOTTOM = 46, 10, 22


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    full_label: str
    amount: Decimal
    x: float
    y: float
    width: float
    height: float
    css: str = "bar"

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def text(self) -> str:
        return plain_amount(self.amount)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid, at `y`, standing for an amount."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    lines: list[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT

    @property
    def base(self) -> float:
        return self.height - _BOTTOM

    @property
    def label_y(self) -> float:
        return self.height - 6


def month_chart(months: dict[datetime.date, Decimal]) -> Chart:
    """Money received by month. Refunds may make a month negative; its bar is then left out."""
    labels = [(short_month(month)[:3], short_month(month)) for month in months]
    return _chart(labels, list(months.values()))


def age_chart(labels: list[tuple[str, str]], amounts: list[Decimal]) -> Chart:
    """What is owed by how long it has been overdue."""
    return _chart(labels, amounts, css=[f"age-{n}" for n in range(len(labels))])


def _chart(
    labels: list[tuple[str, str]], amounts: list[Decimal], css: list[str] | None = None
) -> Chart:
    step, top = _scale(max([*amounts, Decimal(0)]))
    inner = HEIGHT - _TOP - _BOTTOM
    slot = (WIDTH - _LEFT) / len(amounts)
    width = min(slot * 0.62, 56)
    bars = []
    for number, ((label, full_label), amount) in enumerate(zip(labels, amounts, strict=True)):
        height = float(max(amount, Decimal(0)) / top) * inner
        if amount > 0:
            height = max(height, 2.0)
        bars.append(
            Bar(
                label,
                full_label,
                amount,
                x=round(_LEFT + slot * number + (slot - width) / 2, 1),
                y=round(_TOP + inner - height, 1),
                width=round(width, 1),
                height=round(height, 1),
                css=css[number] if css else "bar",
            )
        )
    lines = [
        Line(round(_TOP + inner - float(step * n / top) * inner, 1), short_amount(step * n))
        for n in range(int(top / step) + 1)
    ]
    return Chart(bars, lines)


def _scale(largest: Decimal) -> tuple[Decimal, Decimal]:
    """A round step and the multiple of it that holds `largest`, with three to six lines."""
    if largest <= 0:
        return Decimal(1), Decimal(1)
    power = Decimal(10) ** (largest.adjusted())
    step = next(
        power * part
        for part in (Decimal("0.2"), Decimal("0.5"), Decimal(1), Decimal(2), Decimal(5))
        if largest / (power * part) <= 5
    )
    lines = (largest / step).to_integral_value(ROUND_CEILING)
    return step, step * lines


def short_amount(amount: Decimal) -> str:
    """1,500,000 as 1.5 M: for the axis only, where the exact amounts stand elsewhere."""
    for size, suffix in (
        (Decimal(10) ** 9, " bn"),
        (Decimal(10) ** 6, " M"),
        (Decimal(1000), " k"),
    ):
        if amount >= size:
            return plain_amount((amount / size).normalize(), "JPY") + suffix
    return plain_amount(amount.normalize(), "JPY")
