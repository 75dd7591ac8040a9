"""A contact's synced fields on either side, and writing them in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contacts.models import Contact, MarketingStatus, RecordKind
from integrations import bulk
from integrations.models import CustomerLink
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import CustomerRecord

_AGREED: Final = frozenset({MarketingStatus.MARKETABLE, MarketingStatus.WAITING})


def there(record: CustomerRecord) -> dict[str, Any]:
    """The fields as the customer has them in QuickBooks (R7)."""
    return {name: getattr(record, name) for name in Contact.SYNCED_FIELDS}


def here(contact: Contact) -> dict[str, Any]:
    """The fields as the contact has them here."""
    return {name: getattr(contact, name) for name in Contact.SYNCED_FIELDS}


def base(link: CustomerLink) -> dict[str, Any]:
    """The fields both sides last agreed on."""
    return there(customer_of(link))


def customer_of(link: CustomerLink) -> CustomerRecord:
    """The customer as the link's snapshot holds it; only readable rows become snapshots."""
    record = read_record(CustomerRecord.entity, link.snapshot.encode())
    if not isinstance(record, CustomerRecord):
        raise TypeError(f"the snapshot of customer link {link.pk} cannot be read")
    return record


def write_contacts(
    work: Work, contacts: Mapping[int, Contact], changed: Mapping[int, Mapping[str, Any]]
) -> None:
    """Write the changed fields of contacts, all in one statement.

    A changed address takes its consent with it: the new one has not agreed (R8).
    """
    rows = []
    for contact_id, take in changed.items():
        contact = contacts[contact_id]
        new_address = take.get("email", contact.email).lower() != contact.email.lower()
        for name, value in take.items():
            setattr(contact, name, value)
        if new_address and contact.marketing_status in _AGREED:
            work.note_change(
                RecordKind.CONTACT,
                contact_id,
                "marketing_status",
                contact.marketing_status,
                MarketingStatus.NON_MARKETABLE.value,
                "Consent was given for the former address.",
            )
            contact.marketing_status = MarketingStatus.NON_MARKETABLE
        rows.append((contact_id, *here(contact).values(), contact.marketing_status, work.now))
    bulk.update(Contact, ("id", *Contact.SYNCED_FIELDS, "marketing_status", "updated_at"), rows)
