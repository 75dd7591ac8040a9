"""What another company wrote here meanwhile is not this company's business (R21)."""

from __future__ import annotations

from typing import Any, Final

from contacts.models import FieldChange, Origin, RecordKind
from integrations import merge
from integrations.models import Connection, CustomerLink, ItemLink
from integrations.pulling import contact_fields, product_fields

_CHUNK: Final = 1000
_KINDS: Final[tuple[tuple[RecordKind, Any, str, Any], ...]] = (
    (RecordKind.CONTACT, CustomerLink, "contact", contact_fields),
    (RecordKind.PRODUCT, ItemLink, "product", product_fields),
)


def lay_former_values_apart(connection: Connection) -> None:
    """When a company comes back: values that another company's books gave stay unsent.

    A field that differs from what this company last agreed on and was changed by a sync, not by
    a person, has no common base with it. One query while only one company was ever connected.
    """
    if not Connection.objects.exclude(pk=connection.pk).exists():
        return
    for kind, links, record, fields in _KINDS:
        mine = links.objects.filter(connection=connection, gone_at=None).select_related(record)
        for link in mine.iterator(chunk_size=_CHUNK):
            here = fields.here(getattr(link, record))
            differing = merge.unsent(fields.base(link), here, link.apart)
            foreign = [name for name in differing if _is_of_a_sync(kind, link, record, name)]
            if foreign:
                link.apart = sorted({*link.apart, *foreign})
                link.save(update_fields=["apart"])


def _is_of_a_sync(kind: RecordKind, link: Any, record: str, field: str) -> bool:
    latest = (
        FieldChange.objects.filter(kind=kind, record_id=getattr(link, f"{record}_id"), field=field)
        .order_by("-pk")
        .values_list("side", flat=True)
        .first()
    )
    return latest == Origin.QUICKBOOKS
