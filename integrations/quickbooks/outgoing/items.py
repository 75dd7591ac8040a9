"""A product's fields as an item (R12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from integrations.quickbooks.outgoing.body import sparse

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


def sendable(changed: Collection[str], *, country: str) -> set[str]:
    """Those of the fields that an update can carry."""
    return {
        name for name in changed if name in _PROPERTIES and (name != "taxable" or country == "US")
    }
