"""A customer's first link: to the contact of its address, else to a new contact (R5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contacts.addresses import key_of
from contacts.models import Contact, Origin, RecordKind
from contacts.services.consent.following import Move
from integrations import bulk, merge
from integrations.models import CustomerLink
from integrations.pulling import contact_fields, new_links, questions
from integrations.pulling.people import People
from integrations.pulling.rank import rank
from integrations.pulling.set_aside import Asides
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord

_LINK = (
    "contact",
    *new_links.FIELDS,
    "is_main",
    "display_name",
    "active",
    "top_level",
    "without_email",
    "apart",
)
_CONTACT = (
    "id",
    *Contact.SYNCED_FIELDS,
    "marketing_status",
    "origin",
    "created_at",
    "updated_at",
)


def link_customers(
    work: Work, people: People, asides: Asides, records: list[CustomerRecord]
) -> None:
    """Link customers that have an address and no link yet.

    A contact's first customer is its main one and gives it its fields; an import chooses again at
    its end.
    """
    if not records:
        return
    records = sorted(records, key=rank)
    known = {
        key_of(record.email): contact
        for record in records
        if (contact := people.holder(record.email)) is not None
    }
    with_main = _with_main(work, known)
    strangers = {key_of(r.email) for r in records} - known.keys()
    contact_ids = {address: contact.pk for address, contact in known.items()}
    contact_ids |= dict(
        zip(sorted(strangers), bulk.reserve_ids(Contact, len(strangers)), strict=True)
    )

    newcomers: dict[int, CustomerRecord] = {}
    links: list[tuple[Any, ...]] = []
    changed: dict[int, dict[str, Any]] = {}
    for record in records:
        address = key_of(record.email)
        contact_id = contact_ids[address]
        first = contact_id not in with_main
        apart: tuple[str, ...] = ()
        if address in strangers:
            strangers.remove(address)
            newcomers[contact_id] = record
            work.note_created(RecordKind.CONTACT, contact_id)
            work.tally.created += 1
        else:
            work.tally.updated += 1
            if first:
                contact = known[address]
                merged = merge.first_link(
                    contact_fields.here(contact), contact_fields.there(record)
                )
                apart = merged.apart
                changed[contact_id] = merged.take
                work.note_changes(RecordKind.CONTACT, contact, merged.take)
        links.append(_link_row(work, contact_id, record, first, apart))
        with_main.add(contact_id)
        work.arrived_customers.add(record.external_id)
        work.applied(record)

    _make_contacts(work, newcomers)
    contact_fields.write_contacts(
        work,
        {contact.pk: contact for contact in known.values()},
        {contact_id: take for contact_id, take in changed.items() if take},
    )
    bulk.insert(CustomerLink, _LINK, links)
    asides.let_in([record.external_id for record in records])


def link_to(work: Work, record: CustomerRecord, contact: Contact) -> None:
    """Link the customer that was made of this contact: its answer is the base of both."""
    first = contact.pk not in _with_main(work, {contact.email: contact})
    bulk.insert(CustomerLink, _LINK, [_link_row(work, contact.pk, record, first, ())])
    Asides(work, CustomerRecord.entity, [record.external_id]).let_in([record.external_id])
    work.arrived_customers.add(record.external_id)


def link_as_chosen(work: Work, record: CustomerRecord, contact: Contact) -> None:
    """Link a customer to the contact that a person chose, whatever its address (R22).

    The contact's row is locked. QuickBooks' values win as at every first link (R7); an address
    that belongs to another contact is asked about.
    """
    first = contact.pk not in _with_main(work, {contact.email: contact})
    apart: list[str] = []
    other = None
    if first:
        merged = merge.first_link(contact_fields.here(contact), contact_fields.there(record))
        take, apart = dict(merged.take), list(merged.apart)
        other = questions.other_holder(take["email"], contact) if "email" in take else None
        if other is not None:
            del take["email"]
            apart.append("email")
        work.note_changes(RecordKind.CONTACT, contact, take)
        contact_fields.write_contacts(work, {contact.pk: contact}, {contact.pk: take})
    row = _link_row(work, contact.pk, record, first, tuple(apart))
    bulk.insert(CustomerLink, _LINK, [row])
    if other is not None:
        link = CustomerLink.objects.get(connection=work.connection, external_id=record.external_id)
        questions.ask_to_merge(work, link, other)
    Asides(work, CustomerRecord.entity, [record.external_id]).let_in([record.external_id])


def _with_main(work: Work, known: dict[str, Contact]) -> set[int]:
    if not known:
        return set()
    return set(
        CustomerLink.objects.filter(
            connection=work.connection, contact__in=known.values(), is_main=True
        ).values_list("contact", flat=True)
    )


def _make_contacts(work: Work, newcomers: Mapping[int, CustomerRecord]) -> None:
    """A contact made by the import has agreed to nothing, whatever its address did before (R8)."""
    statuses = contact_fields.settle_consent(
        work, [Move(contact_id, "", record.email) for contact_id, record in newcomers.items()]
    )
    bulk.insert(
        Contact,
        _CONTACT,
        (
            (
                contact_id,
                *contact_fields.there(record).values(),
                statuses[contact_id],
                Origin.QUICKBOOKS,
                work.now,
                work.now,
            )
            for contact_id, record in newcomers.items()
        ),
    )


def _link_row(
    work: Work, contact_id: int, record: CustomerRecord, is_main: bool, apart: tuple[str, ...]
) -> tuple[Any, ...]:
    return (
        contact_id,
        *new_links.values(work, record),
        is_main,
        record.display_name,
        record.active,
        record.level == 0,
        False,
        list(apart),
    )
