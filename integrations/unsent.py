"""What was edited here and QuickBooks does not have yet: computed, never remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from contacts.models import Contact, Product, RecordKind
from integrations import merge
from integrations.pulling import contact_fields, product_fields
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import CustomerRecord, ItemRecord

#: The fields this looks at; other kinds are not edited here once they are linked.
FIELDS: Final[Mapping[RecordKind, tuple[str, ...]]] = {
    RecordKind.CONTACT: Contact.SYNCED_FIELDS,
    RecordKind.PRODUCT: Product.SYNCED_FIELDS,
}
_ENTITIES: Final = {
    RecordKind.CONTACT: CustomerRecord.entity,
    RecordKind.PRODUCT: ItemRecord.entity,
}


def unsent_fields(
    kind: RecordKind, here: Mapping[str, Any], snapshot: str, apart: Collection[str] = ()
) -> list[str]:
    """The synced fields whose value `here` is not the link's `snapshot`'s, in the model's order.

    Empty for kinds that are not edited here, and for a snapshot that cannot be read any more.
    """
    base = _base(kind, snapshot)
    differing = merge.unsent(base, here, apart) if base else set()
    return [name for name in FIELDS.get(kind, ()) if name in differing]


def _base(kind: RecordKind, snapshot: str) -> dict[str, Any]:
    record = read_record(_ENTITIES[kind], snapshot.encode()) if kind in _ENTITIES else None
    if isinstance(record, CustomerRecord):
        return contact_fields.there(record)
    if isinstance(record, ItemRecord):
        return product_fields.there(record)
    return {}
