"""What a newer version of a linked customer does to its contact (R5, R6, R10)."""

from __future__ import annotations

from typing import Any

from contacts.addresses import key_of
from contacts.models import RecordKind
from integrations import bulk, merge
from integrations.models import CustomerLink, Reason
from integrations.not_taken import close_what_agrees
from integrations.pulling import contact_fields
from integrations.pulling.freshness import is_newer
from integrations.pulling.people import People
from integrations.pulling.questions import ask_to_merge
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.snapshots import customer_of
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord

Rows = list[tuple[CustomerLink, CustomerRecord]]

_LINK = (
    "id",
    "sync_token",
    "remote_updated_at",
    "snapshot",
    "in_step_since",
    "display_name",
    "active",
    "top_level",
    "without_email",
    "apart",
)


def apply_changes(work: Work, people: People, asides: Asides, rows: Rows) -> list[CustomerRecord]:
    """Apply newer versions; stale rows and echoes change nothing.

    Returns the customers that left their contact with their address: they have no link now and
    are to be linked like new ones, to the contact of the new address (R5).
    """
    news = [(link, record) for link, record in rows if is_newer(record, link)]
    work.tally.unchanged += len(rows) - len(news)
    if not news:
        return []
    _hold_without_address(work, asides, [row for row in news if not row[1].email])
    staying: Rows = []
    moving: Rows = []
    for link, record in news:
        if record.email:
            (moving if _leaves(link, record) else staying).append((link, record))
    _merge_fields(work, people, staying)
    asides.let_in([record.external_id for _, record in staying])
    if moving:
        CustomerLink.objects.filter(pk__in=[link.pk for link, _ in moving]).delete()
        work.moved_customers |= {record.external_id for _, record in moving}
    return [record for _, record in moving]


def _leaves(link: CustomerLink, record: CustomerRecord) -> bool:
    """Whether a customer that is not the main one changed its address."""
    if link.is_main:
        return False
    return key_of(customer_of(link).email) != key_of(record.email)


def _merge_fields(work: Work, people: People, rows: Rows) -> None:
    mains = [(link, record) for link, record in rows if link.is_main]
    merged = {
        link.pk: merge.three_way(
            contact_fields.base(link),
            contact_fields.here(people.contacts[link.contact_id]),
            contact_fields.there(record),
            link.apart,
        )
        for link, record in mains
    }
    before = {link.pk: link.apart for link, _ in mains}
    granted = people.hand_out(_wishes(people, mains, merged))
    changed: dict[int, dict[str, Any]] = {}
    for link, record in mains:
        contact, result = people.contacts[link.contact_id], merged[link.pk]
        take, link.apart = dict(result.take), list(result.apart)
        holder = people.holder(record.email)
        if "email" in take and contact.pk not in granted and holder not in (None, contact):
            # Asked about, never merged by itself; until then there is no common address.
            del take["email"]
            link.apart.append("email")
            ask_to_merge(work, link, holder)
        if take:
            changed[contact.pk] = take
            work.note_changes(RecordKind.CONTACT, contact, take, result.conflicts)
    contact_fields.write_contacts(work, people.contacts, changed)
    _take_versions(work, rows)
    close_what_agrees(
        work.connection,
        RecordKind.CONTACT,
        {link.contact_id: link.apart for link, _ in mains if {*before[link.pk]} - {*link.apart}},
    )
    work.arrived_customers |= {record.external_id for link, record in rows if link.without_email}
    work.tally.updated += len(changed)
    work.tally.unchanged += len(rows) - len(changed)


def _wishes(people: People, mains: Rows, merged: dict[int, merge.Merged]) -> dict[int, str]:
    """The new addresses of contacts; another case of the same letters is the same address."""
    return {
        link.contact_id: record.email
        for link, record in mains
        if "email" in merged[link.pk].take
        and key_of(people.contacts[link.contact_id].email) != key_of(record.email)
    }


def _take_versions(work: Work, rows: Rows) -> None:
    """The answer is the new base of each link."""
    bulk.update(
        CustomerLink,
        _LINK,
        [
            (
                link.pk,
                record.sync_token,
                record.updated_at,
                record.raw,
                work.now,
                record.display_name,
                record.active,
                record.level == 0,
                False,
                link.apart,
            )
            for link, record in rows
        ],
    )
    for _, record in rows:
        work.applied(record)


def _hold_without_address(work: Work, asides: Asides, rows: Rows) -> None:
    """R6: without an address nothing flows; the base stays where it was until one appears."""
    asides.put(
        [
            Aside(
                record,
                Reason.NO_EMAIL,
                record.display_name,
                detail="Its email address was removed in QuickBooks.",
            )
            for _, record in rows
        ]
    )
    fresh = [link.pk for link, _ in rows if not link.without_email]
    if fresh:
        CustomerLink.objects.filter(pk__in=fresh).update(without_email=True)
