"""QuickBooks customers become contacts, or change the contact they are linked to (R5-R7)."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.models import CustomerLink, Reason
from integrations.pulling.customer_changes import apply_changes
from integrations.pulling.customer_linking import link_customers
from integrations.pulling.freshness import newest_of_each
from integrations.pulling.set_aside import Aside, put_aside
from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord


def apply_customers(work: Work, records: Iterable[CustomerRecord]) -> None:
    """Apply one page. The links' rows stay locked until the caller's transaction ends."""
    newest = newest_of_each(records)
    if not newest:
        return
    links = {
        link.external_id: link
        for link in CustomerLink.objects.select_for_update()
        .filter(connection=work.connection, external_id__in=[r.external_id for r in newest])
        .order_by("id")
    }
    apply_changes(work, [(links[r.external_id], r) for r in newest if r.external_id in links])
    let_in_or_put_aside(work, [r for r in newest if r.external_id not in links])


def let_in_or_put_aside(work: Work, records: list[CustomerRecord]) -> None:
    """New customers that may become contacts do; the others are listed with their reason (R6)."""
    welcome, asides = [], []
    for record in records:
        if not record.active:
            asides.append(Aside(record, Reason.INACTIVE, record.display_name))
        elif not record.email:
            asides.append(Aside(record, Reason.NO_EMAIL, record.display_name))
        else:
            welcome.append(record)
    put_aside(work, asides)
    link_customers(work, welcome)
