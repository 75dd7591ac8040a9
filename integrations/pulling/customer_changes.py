"""What a newer version of a linked customer does to its contact (R5, R6, R10)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contacts.models import Contact, RecordKind
from integrations import bulk, merge
from integrations.models import CustomerLink, Reason
from integrations.pulling import addresses, contact_fields
from integrations.pulling.freshness import is_newer
from integrations.pulling.set_aside import Aside, let_in, put_aside
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


def apply_changes(work: Work, rows: Rows) -> None:
    """Apply newer versions; stale rows and echoes change nothing."""
    news = [(link, record) for link, record in rows if is_newer(record, link)]
    work.tally.unchanged += len(rows) - len(news)
    if not news:
        return
    _hold_without_address(work, [(link, record) for link, record in news if not record.email])
    with_address = [(link, record) for link, record in news if record.email]
    moving = [row for row in with_address if _leaves(*row)]
    leaving = {record.external_id for _, record in moving}
    _merge_fields(work, [row for row in with_address if row[1].external_id not in leaving])
    addresses.move_to_contact_of_address(work, moving)


def _leaves(link: CustomerLink, record: CustomerRecord) -> bool:
    """Whether a customer that is not the main one changed its address."""
    if link.is_main:
        return False
    return contact_fields.customer_of(link).email.lower() != record.email.lower()


def _merge_fields(work: Work, rows: Rows) -> None:
    mains = [(link, record) for link, record in rows if link.is_main]
    contacts = _locked_contacts(link.contact_id for link, _ in mains)
    holders = addresses.Holders(
        record.email
        for link, record in mains
        if record.email.lower() != contacts[link.contact_id].email.lower()
    )
    changed: dict[int, dict[str, Any]] = {}
    for link, record in mains:
        contact = contacts[link.contact_id]
        merged = merge.three_way(
            contact_fields.base(link),
            contact_fields.here(contact),
            contact_fields.there(record),
            link.apart,
        )
        take, link.apart = dict(merged.take), list(merged.apart)
        holder = holders.take(take["email"], contact.pk) if "email" in take else None
        if holder is not None:
            # Asked about, never merged by itself; until then there is no common address.
            del take["email"]
            link.apart.append("email")
            addresses.ask_to_merge(work, link, holder)
        if take:
            changed[contact.pk] = take
            work.note_changes(RecordKind.CONTACT, contact, take, merged.conflicts)
    let_in(
        work, CustomerRecord.entity, [link.external_id for link, _ in rows if link.without_email]
    )
    contact_fields.write_contacts(work, contacts, changed)
    _take_versions(work, rows)
    work.tally.updated += len(changed)
    work.tally.unchanged += len(rows) - len(changed)


def _locked_contacts(contact_ids: Iterable[int]) -> dict[int, Contact]:
    ids = set(contact_ids)
    if not ids:
        return {}
    locked = Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {contact.pk: contact for contact in locked.defer("words", "name")}


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


def _hold_without_address(work: Work, rows: Rows) -> None:
    """R6: without an address nothing flows; the base stays where it was until one appears."""
    put_aside(
        work,
        [
            Aside(
                record,
                Reason.NO_EMAIL,
                record.display_name,
                detail="Its email address was removed in QuickBooks.",
            )
            for _, record in rows
        ],
    )
    fresh = [link.pk for link, _ in rows if not link.without_email]
    if fresh:
        CustomerLink.objects.filter(pk__in=fresh).update(without_email=True)
