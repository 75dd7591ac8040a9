from __future__ import annotations

from decimal import Decimal


def exact(value: Decimal | None) -> str:
    """Every digit that counts: at least two decimals, no zeros beyond them, never an exponent.

    For programs and input fields (`1234.50`); pages use `display.money`. Empty for None.
    """
    if value is None:
        return ""
    whole, _, decimals = format(value, "f").partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
