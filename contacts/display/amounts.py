"""Amounts of money: exact, grouped, with a real minus sign and their currency."""

from __future__ import annotations

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

#: Currencies whose smallest unit is not a hundredth (ISO 4217).
_DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"), 0
    ),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
NOTHING = mark_safe('<span class="none" aria-label="none">–</span>')


def plain_amount(amount: Decimal, currency: str = "") -> str:
    """Grouped digits, every significant decimal and at least as many as the currency has."""
    least = _DECIMALS.get(currency, 2)
    whole, _, decimals = format(abs(amount), "f").partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    digits = f"{int(whole):,}" + (f".{decimals}" if decimals else "")
    return f"−{digits}" if amount < 0 else digits


def money(amount: Decimal | None, currency: str = "") -> SafeString:
    """`1,234.50 USD`; a dash where there is no amount. Never rounds."""
    if amount is None:
        return NOTHING
    return format_html(
        '<span class="money{}">{}{}</span>',
        " negative" if amount < 0 else "",
        plain_amount(amount, currency),
        format_html('<span class="currency">{}</span>', currency) if currency else "",
    )
