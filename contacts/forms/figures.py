"""Amounts as people type them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

_GROUPED = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d*)?$")


class Figure(forms.DecimalField):
    """A decimal number; `1,234.50` means what it says in a letter, `1,5` is refused."""

    def __init__(
        self,
        *,
        label: str,
        example: str,
        lowest: Decimal | int = 0,
        highest: Decimal,
        decimals: int = 2,
        required: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            label=label,
            required=required,
            min_value=Decimal(lowest),
            max_value=highest,
            decimal_places=decimals,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "required": f"Enter {example}.",
                "invalid": f"This is not a number. Enter {example}.",
                "min_value": f"{label} cannot be below {lowest}.",
                "max_value": f"{label} can be at most {highest:,}.",
                "max_decimal_places": f"{label} can have at most {decimals} decimals.",
            },
            **kwargs,
        )

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str) and _GROUPED.match(value.strip()):
            value = value.replace(",", "")
        figure: Decimal | None = super().to_python(value)
        return figure


def plain(figure: Decimal | None, least: int = 0) -> str:
    """The number as a person would type it: no zeros at its end beyond `least` decimals."""
    if figure is None:
        return ""
    whole, _, decimals = f"{figure:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole


def figure(text: str) -> Decimal | None:
    """The number that was typed, where it is one; for showing only."""
    try:
        value = forms.DecimalField(required=False).clean(
            text.replace(",", "") if _GROUPED.match(text.strip()) else text
        )
    except forms.ValidationError:
        return None
    return value if value is None or abs(value) < 10**12 else None
