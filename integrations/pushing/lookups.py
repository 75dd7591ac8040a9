"""What an uncertain create may have made: looked up before anything like it is sent again (R16).

The stored body is compared, not the record: it may have been edited since. What is linked already
is nobody's second, and what was there before the first sending is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from contacts.addresses import key_of
from integrations.models import CustomerLink, InvoiceLink, ItemLink, OutboxEntry, PaymentLink
from integrations.pulling.work import Work
from integrations.pushing.likeness import same_invoice, same_payment
from integrations.quickbooks import faults
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing.body import decoded
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import (
    CustomerRecord,
    InvoiceRecord,
    ItemRecord,
    PaymentRecord,
)
from integrations.session import Session

R = TypeVar("R", CustomerRecord, ItemRecord, InvoiceRecord, PaymentRecord)

#: Intuit's clock may differ from ours by as much.
_CLOCKS: Final = timedelta(minutes=10)


def made_customer(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """The customer of that address and very name."""
    body = decoded(entry.body)
    address = (body.get("PrimaryEmailAddr") or {}).get("Address", "")

    def is_it(record: CustomerRecord) -> bool:
        return (key_of(record.email), record.display_name) == (
            key_of(address),
            " ".join(body["DisplayName"].split()),
        )

    statement = select_page(CustomerRecord.entity, where={"PrimaryEmailAddr": address})
    return _oldest(session, work, entry, statement, CustomerRecord, CustomerLink, is_it)


def made_item(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """The item of that name and SKU."""
    body = decoded(entry.body)

    def is_it(record: ItemRecord) -> bool:
        return (record.name, record.sku) == (body["Name"], body.get("Sku", ""))

    statement = select_page(ItemRecord.entity, where={"Name": body["Name"]})
    return _oldest(session, work, entry, statement, ItemRecord, ItemLink, is_it)


def made_invoice(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """The invoice of that number where it had one, else that customer's, made since, and equal."""
    body = decoded(entry.body)
    if number := body.get("DocNumber"):
        statement = select_page(InvoiceRecord.entity, where={"DocNumber": number})
    else:
        statement = _since(entry, InvoiceRecord.entity, body)

    def is_it(record: InvoiceRecord) -> bool:
        return same_invoice(record, body)

    return _oldest(session, work, entry, statement, InvoiceRecord, InvoiceLink, is_it)


def made_payment(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """The customer's payment made since, of that amount and reference for these invoices."""
    body = decoded(entry.body)

    def is_it(record: PaymentRecord) -> bool:
        return same_payment(record, body)

    statement = _since(entry, PaymentRecord.entity, body)
    return _oldest(session, work, entry, statement, PaymentRecord, PaymentLink, is_it)


def holder_of_number(
    session: Session, work: Work, entry: OutboxEntry, fault: faults.DuplicateNumber
) -> bytes | None:
    """The invoice that has our number already (6140), if it can only be this one (R15).

    Unlinked, since *invoices since*, and customer, date, lines and total agree; else None, and a
    person decides.
    """
    holder = fault.txn_id
    if holder is None or (fault.txn_type or InvoiceRecord.entity) != InvoiceRecord.entity:
        return None
    raw = session.call(lambda api: api.read(InvoiceRecord.entity, holder))
    record = read_record(InvoiceRecord.entity, raw)
    body = decoded(entry.body)
    fits = (
        isinstance(record, InvoiceRecord)
        and "Id" not in body
        and record.created_at >= work.connection.invoices_since
        and same_invoice(record, body)
        and not _is_linked(work, InvoiceLink, record.external_id)
    )
    return raw if fits else None


def _since(entry: OutboxEntry, kind: str, body: Mapping[str, Any]) -> str:
    return select_page(
        kind,
        where={"CustomerRef": body["CustomerRef"]["value"]},
        created_from=_first_sent(entry),
    )


def _oldest(
    session: Session,
    work: Work,
    entry: OutboxEntry,
    statement: str,
    record_type: type[R],
    links: Any,
    is_it: Callable[[R], bool],
) -> bytes | None:
    """Among equals the first: what a person made after it is another one."""
    page = session.call(lambda api: api.query(statement))
    found = []
    for raw in page.records:
        record = read_record(record_type.entity, raw)
        if (
            isinstance(record, record_type)
            and record.created_at >= _first_sent(entry)
            and is_it(record)
            and not _is_linked(work, links, record.external_id)
        ):
            found.append((int(record.external_id), raw))
    return min(found)[1] if found else None


def _is_linked(work: Work, links: Any, external_id: str) -> bool:
    linked: bool = links.objects.filter(
        connection=work.connection, external_id=external_id
    ).exists()
    return linked


def _first_sent(entry: OutboxEntry) -> datetime:
    if entry.first_sent_at is None:
        raise ValueError("an entry with a body was sent at some time")
    return entry.first_sent_at - _CLOCKS
