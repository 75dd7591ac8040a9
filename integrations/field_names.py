"""Columns by the names people use for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_NAMES: Final = {
    "sku": "SKU",
    "region": "state or region",
    "taxable": "taxable",
    **{f"line{number}": f"address line {number}" for number in range(1, 6)},
}


def field_name(field: str) -> str:
    """`postal code` for `postal_code`."""
    return _NAMES.get(field, field.replace("_", " "))


def named(fields: Iterable[str]) -> str:
    """Several fields as a list in a sentence."""
    return ", ".join(map(field_name, fields))
