"""Item JSON as ItemRecord."""

from __future__ import annotations

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.text import line, name, paragraph
from integrations.quickbooks.records import ItemKind, ItemRecord

_decoder = msgspec.json.Decoder(wire.Item, strict=False)
_KINDS: dict[str, ItemKind] = {
    "service": "service",
    "noninventory": "noninventory",
    "inventory": "inventory",
    "group": "bundle",
    "category": "category",
}


def item_from(raw: bytes | str) -> ItemRecord:
    """Map one Item; bundles and categories are told by `kind` (R11).

    Raises what `read_record` catches: msgspec.DecodeError, UnicodeDecodeError, Unmappable, Gone.
    """
    item = _decoder.decode(raw)
    values.whole_row(item)
    created_at, updated_at = values.times(item)
    kind = _KINDS.get(line(item.type).lower())
    if kind is None:
        raise values.Unmappable("it is of a type that is not known here")
    short = name(item.name)
    return ItemRecord(
        external_id=values.identity(item),
        sync_token=values.version(item),
        created_at=created_at,
        updated_at=updated_at,
        active=item.active is not False,
        name=short,
        full_name=name(item.fully_qualified_name) or short,
        sku=line(item.sku),
        description=paragraph(item.description),
        unit_price=values.number(item.unit_price, "its price"),
        kind=kind,
        taxable=item.taxable,
        income_account_id=values.reference(item.income_account_ref),
        raw=values.source(raw),
    )
