"""A product's fields as an item (R12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from integrations.quickbooks.outgoing.body import encoded, sparse

#: What an edit here changes there; the full name follows from the name and its parent.
_PROPERTIES: Final = {
    "name": "Name",
    "sku": "Sku",
    "description": "Description",
    "unit_price": "UnitPrice",
    "type": "Type",
    "taxable": "Taxable",
    "active": "Active",
}
_TYPES: Final = {
    "service": "Service",
    "noninventory": "NonInventory",
    "inventory": "Inventory",
}


def update(
    external_id: str,
    sync_token: int,
    fields: Mapping[str, Any],
    changed: Collection[str],
    *,
    country: str,
) -> bytes:
    """A sparse update of the changed fields. `Taxable` exists in the US only (facts 4.2)."""
    values = {
        theirs: _TYPES[fields[ours]] if ours == "type" else fields[ours]
        for ours, theirs in _PROPERTIES.items()
        if ours in changed and (ours != "taxable" or country == "US")
    }
    return sparse(external_id, sync_token, values)


def create(fields: Mapping[str, Any], *, income_account_id: str, country: str) -> bytes:
    """A new item of the same type; only services and non-inventory are made here (R12)."""
    values: dict[str, Any] = {
        "Name": fields["name"],
        "Type": _TYPES[fields["type"]],
        "IncomeAccountRef": {"value": income_account_id},
    }
    for ours in ("sku", "description", "unit_price"):
        if fields[ours] not in (None, ""):
            values[_PROPERTIES[ours]] = fields[ours]
    if country == "US":
        values["Taxable"] = fields["taxable"]
    return encoded(values)


def sendable(changed: Collection[str], *, country: str) -> set[str]:
    """Those of the fields that an update can carry."""
    return {
        name for name in changed if name in _PROPERTIES and (name != "taxable" or country == "US")
    }
