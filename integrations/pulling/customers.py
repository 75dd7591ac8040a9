"""QuickBooks customers become contacts, or change the contact they are linked to (R5-R7)."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.models import Reason
from integrations.pulling.customer_changes import apply_changes
from integrations.pulling.customer_linking import link_customers
from integrations.pulling.freshness import newest_of_each
from integrations.pulling.people import People
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord


def apply_customers(work: Work, records: Iterable[CustomerRecord]) -> None:
    """Apply one page. The rows it touches stay locked until the caller's transaction ends."""
    newest = newest_of_each(records)
    if not newest:
        return
    people = People(work, newest)
    asides = Asides(work, CustomerRecord.entity, [record.external_id for record in newest])
    known = [
        (link, record)
        for record in newest
        # A person may have said to leave it alone (R22).
        if (link := people.links.get(record.external_id)) and link.frozen_at is None
    ]
    moving = apply_changes(work, people, asides, known)
    welcome = _welcome(asides, [r for r in newest if r.external_id not in people.links])
    link_customers(work, people, asides, moving + welcome)


def _welcome(asides: Asides, records: list[CustomerRecord]) -> list[CustomerRecord]:
    """New customers that may become contacts; the others are listed with their reason (R6)."""
    welcome, skipped = [], []
    for record in records:
        if not record.active:
            skipped.append(Aside(record, Reason.INACTIVE, record.display_name))
        elif not record.email:
            skipped.append(Aside(record, Reason.NO_EMAIL, record.display_name))
        elif asides.is_unwanted(record.external_id):
            skipped.append(Aside(record, Reason.NOT_WANTED, record.display_name))
        else:
            welcome.append(record)
    asides.put(skipped)
    return welcome
