"""JSON as QuickBooks writes it: compact, and whole amounts as integers (shape 31)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

Json = dict[str, Any]

CENT = Decimal("0.01")


def dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def loads(text: str) -> Any:
    """What `dumps` wrote; JSON from outside is read by the forgiving module of Python."""
    return msgspec.json.decode(text)


def decimal(value: Any) -> Decimal:
    """The exact decimal a JSON number or numeric string stands for; zero for nothing.

    Raises ValueError for text that is no number.
    """
    if value is None or value == "":
        return Decimal(0)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(str(value)) from error
    if not number.is_finite():
        raise ValueError(str(value))
    return number


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def number(value: Decimal) -> int | float:
    """A JSON number: an int when whole, else a float whose text is the decimal's."""
    return int(value) if value == value.to_integral_value() else float(value)


def money(value: Decimal) -> int | float:
    return number(cents(value))
