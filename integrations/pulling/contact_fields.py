"""A contact's synced fields on either side, and writing them in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from contacts.models import Contact, MarketingStatus
from contacts.services.consent.following import Move, follow
from contacts.services.consent.writing import Trace
from integrations import bulk
from integrations.models import CustomerLink
from integrations.pulling.snapshots import customer_of
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord


def there(record: CustomerRecord) -> dict[str, Any]:
    """The fields as the customer has them in QuickBooks (R7)."""
    return {name: getattr(record, name) for name in Contact.SYNCED_FIELDS}


def here(contact: Contact) -> dict[str, Any]:
    """The fields as the contact has them here."""
    return {name: getattr(contact, name) for name in Contact.SYNCED_FIELDS}


def base(link: CustomerLink) -> dict[str, Any]:
    """The fields both sides last agreed on."""
    return there(customer_of(link))


def write_contacts(
    work: Work, contacts: Mapping[int, Contact], changed: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write the changed fields of contacts, all in one statement.

    Consent stays with an address that is left, and is settled for the new one (R8).
    """
    moves = [
        Move(contact_id, contacts[contact_id].email, take["email"])
        for contact_id, take in changed.items()
        if "email" in take
    ]
    statuses = settle_consent(work, moves)
    rows = []
    for contact_id, take in changed.items():
        contact = contacts[contact_id]
        for name, value in take.items():
            setattr(contact, name, value)
        contact.marketing_status = statuses.get(contact_id, contact.marketing_status)
        rows.append((contact_id, *here(contact).values(), contact.marketing_status, work.now))
    bulk.update(Contact, ("id", *Contact.SYNCED_FIELDS, "marketing_status", "updated_at"), rows)


def settle_consent(work: Work, moves: Collection[Move]) -> dict[int, MarketingStatus]:
    """The marketing status of contacts whose address QuickBooks decides, where it is settled."""
    trace = Trace(by_id=work.by_id, source="QuickBooks", run=work.run_id, at=work.now)
    return follow(moves, trace)
