"""Looking in QuickBooks for what a record here is there, while a person waits (R22)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from contacts.models import Contact, Product
from integrations import tokens
from integrations.models import Connection, CustomerLink, ItemLink
from integrations.quickbooks import faults
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import CustomerRecord, ItemRecord
from integrations.session import NotAtHome, Session, open_api

#: More than this nobody reads; a longer word finds fewer.
SHOWN: Final = 20
_LONGEST: Final = 100


class NotAnswered(Exception):
    """QuickBooks could not be asked; `str()` is a sentence for the person who waits."""


@dataclass(frozen=True, slots=True)
class Found:
    """One object of QuickBooks. `why_not` says what keeps it from being chosen, `url` where."""

    external_id: str
    name: str
    facts: str
    why_not: str = ""
    url: str = ""


@contextmanager
def asking() -> Iterator[Session]:
    """A session with the connected company, for a person's click. Raises NotAnswered."""
    connection = Connection.objects.working().first()
    if connection is None:
        raise NotAnswered("QuickBooks is not connected, or syncing is paused.")
    try:
        with open_api(connection) as session:
            yield session
    except faults.QuickBooksError as exc:
        raise NotAnswered(f"{exc.sentence}. Nothing was changed; try again in a moment.") from exc
    except (tokens.NotConnected, NotAtHome) as exc:
        raise NotAnswered("QuickBooks is not connected any more.") from exc


def customers(session: Session, words: str) -> list[Found]:
    """Customers of this address, or with these words in their name. One read."""
    words = words.strip()[:_LONGEST]
    if "@" in words:
        rows = _rows(session, CustomerRecord.entity, where={"PrimaryEmailAddr": words})
    else:
        rows = _rows(session, CustomerRecord.entity, containing={"DisplayName": words})
    records = [row for row in rows if isinstance(row, CustomerRecord)]
    links = CustomerLink.objects.filter(
        connection=session.connection, external_id__in=[each.external_id for each in records]
    ).select_related("contact")
    known = {link.external_id: link.contact for link in links.defer("snapshot", "contact__words")}
    return [_customer(each, known.get(each.external_id)) for each in records]


def items(session: Session, words: str, sku: str) -> list[Found]:
    """Products of this SKU if that is what the words are, else with the words in their name."""
    words = words.strip()[:_LONGEST]
    if sku and words == sku:
        rows = _rows(session, ItemRecord.entity, where={"Sku": words})
    else:
        rows = _rows(session, ItemRecord.entity, containing={"Name": words})
    records = [row for row in rows if isinstance(row, ItemRecord) and row.kind != "category"]
    links = ItemLink.objects.filter(
        connection=session.connection, external_id__in=[each.external_id for each in records]
    ).select_related("product")
    known = {link.external_id: link.product for link in links.defer("snapshot")}
    return [_item(each, known.get(each.external_id)) for each in records]


def _rows(
    session: Session,
    entity: str,
    where: Mapping[str, str] | None = None,
    containing: Mapping[str, str] | None = None,
) -> Sequence[object]:
    statement = select_page(entity, where=where, containing=containing, size=SHOWN)
    page = session.call(lambda api: api.query(statement))
    return [read_record(entity, raw) for raw in page.records]


def _customer(record: CustomerRecord, contact: Contact | None) -> Found:
    facts = [record.email, record.company, record.phone, record.city, record.currency]
    line = " · ".join(fact for fact in facts if fact)
    name = record.display_name or f"Number {record.external_id}"
    if contact is not None:
        url = reverse("contact", args=[contact.pk])
        return Found(record.external_id, name, line, f"It is {contact} here.", url)
    why = ""
    if not record.active:
        why = "It is inactive there."
    elif not record.email:
        why = "It has no email address there, so nothing could be synced."
    return Found(record.external_id, name, line, why)


def _item(record: ItemRecord, product: Product | None) -> Found:
    sku = f"SKU {record.sku}" if record.sku else ""
    line = " · ".join(fact for fact in (sku, record.description) if fact)
    name = record.full_name or f"Number {record.external_id}"
    if product is not None:
        url = reverse("product", args=[product.pk])
        return Found(record.external_id, name, line, f"It is {product} here.", url)
    why = ""
    if not record.active:
        why = "It is inactive there."
    elif record.kind == "bundle":
        why = "It is a bundle, and those are made in QuickBooks only."
    return Found(record.external_id, name, line, why)
