"""Tags of the record pages. `{% load records %}`."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def quantity(amount: Decimal | None) -> str:
    """A quantity as people write it: `2`, `2.5`, `1,200`; empty for None."""
    if amount is None:
        return ""
    whole, _, decimals = f"{amount:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


@register.filter
def negated(amount: Decimal) -> Decimal:
    """The amount with its sign turned, for what is taken off a total."""
    return -amount


@register.filter
def sentence(text: str) -> str:
    """The text as a sentence of its own: a capital first, a full stop last."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
