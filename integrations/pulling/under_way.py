"""Objects without a link while one of our own creates of their kind is in flight.

Such an object may be the one we are just making: our own webhook can be faster than the answer.
It is parked until the write has settled, and then matched or let in (design.md, R16).
"""

from __future__ import annotations

from typing import Any, Final

from contacts.models import RecordKind
from integrations.models import (
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    OutboxEntry,
    PaymentLink,
    Reason,
    SetAside,
)
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record

_KINDS: Final[dict[str, Any]] = {
    "Customer": (RecordKind.CONTACT, CustomerLink),
    "Item": (RecordKind.PRODUCT, ItemLink),
    "Invoice": (RecordKind.INVOICE, InvoiceLink),
    "Payment": (RecordKind.PAYMENT, PaymentLink),
}


def hold_back_new(work: Work, entity: str, records: list[Any]) -> list[Any]:
    """Park the rows that may be ours; returns those that can be applied now."""
    kind, links = _KINDS[entity]
    if not records or kind not in kinds_in_flight(work.connection):
        return records
    ids = [record.external_id for record in records]
    linked = set(
        links.objects.filter(connection=work.connection, external_id__in=ids).values_list(
            "external_id", flat=True
        )
    )
    new = [record for record in records if record.external_id not in linked]
    Asides(work, entity, ids).put(
        [Aside(record, Reason.CREATE_UNDER_WAY, label="") for record in new]
    )
    return [record for record in records if record.external_id in linked]


def let_go(work: Work) -> dict[str, list[Any]]:
    """The parked rows whose kind has no write in flight any more, by kind."""
    flying = kinds_in_flight(work.connection)
    parked: dict[str, list[Any]] = {}
    for aside in SetAside.objects.filter(
        connection=work.connection, reason=Reason.CREATE_UNDER_WAY
    ):
        if _KINDS[aside.kind][0] not in flying:
            record = read_record(aside.kind, aside.snapshot.encode())
            parked.setdefault(aside.kind, []).append(record)
            if _is_linked(work, aside):
                # Parked in the very moment in which our write settled. The row may be newer.
                aside.delete()
    return parked


def _is_linked(work: Work, aside: SetAside) -> bool:
    links: Any = _KINDS[aside.kind][1]
    linked: bool = links.objects.filter(
        connection=work.connection, external_id=aside.external_id
    ).exists()
    return linked


def kinds_in_flight(connection: Connection) -> set[str]:
    return set(
        OutboxEntry.objects.filter(
            connection=connection, state=OutboxEntry.State.IN_FLIGHT
        ).values_list("kind", flat=True)
    )
