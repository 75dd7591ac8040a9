"""QuickBooks invoices appear here and stay as QuickBooks has them (R13, R14)."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.models import CustomerLink, InvoiceLink, Reason, SetAside
from integrations.pulling import invoice_writes
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.set_aside import Aside, let_in, put_aside, waiting_for
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord


def apply_invoices(work: Work, records: Iterable[InvoiceRecord]) -> None:
    """Apply one page: linked ones follow, new ones of R14's time come in or wait for a customer.

    Frozen ones stay as they are; what was created before *invoices since* is none of our business.
    """
    newest = newest_of_each(records)
    if not newest:
        return
    links = {
        link.external_id: link
        for link in InvoiceLink.objects.select_for_update()
        .filter(connection=work.connection, external_id__in=[r.external_id for r in newest])
        .order_by("id")
    }
    customer_ids = {record.customer_id for record in newest}
    contact_of = contacts_of_customers(work, customer_ids)
    changed, new, parked = [], [], []
    for record in newest:
        link = links.get(record.external_id)
        if link is None and record.created_at < work.connection.invoices_since:
            continue
        if link is None and record.customer_id in contact_of:
            new.append(record)
        elif link is None:
            parked.append(record)
        elif link.frozen_at is None and link.gone_at is None and is_newer(record, link):
            changed.append((link, record))
        else:
            work.tally.unchanged += 1
    park(work, parked)
    invoice_writes.change(work, changed, contact_of)
    invoice_writes.create(work, new, contact_of)
    let_in(work, InvoiceRecord.entity, [record.external_id for record in new])


def park(work: Work, records: list[InvoiceRecord]) -> None:
    """Keep invoices whose customer is unknown or has no address; they come in with it (R6)."""
    put_aside(
        work,
        [
            Aside(
                record,
                Reason.CUSTOMER_MISSING,
                label=record.doc_number or f"without number ({record.external_id})",
                waits_for=record.customer_id,
                detail=f"Its customer {record.customer_name} is not synced.",
            )
            for record in records
        ],
    )


def let_in_parked(work: Work) -> None:
    """Bring in the invoices that waited for customers which arrived on this page."""
    waiting = waiting_for(work, InvoiceRecord.entity, work.arrived_customers)
    records = [read_record(InvoiceRecord.entity, aside.snapshot.encode()) for aside in waiting]
    apply_invoices(work, [r for r in records if isinstance(r, InvoiceRecord)])


def arrived_customers_waited_for(work: Work) -> set[str]:
    """The customers that parked invoices wait for and that are linked by now."""
    waited_for = SetAside.objects.filter(
        connection=work.connection,
        kind=InvoiceRecord.entity,
        reason=Reason.CUSTOMER_MISSING,
    ).values("waits_for")
    return set(
        CustomerLink.objects.filter(
            connection=work.connection, external_id__in=waited_for
        ).values_list("external_id", flat=True)
    )


def contacts_of_customers(work: Work, customer_ids: Iterable[str]) -> dict[str, int]:
    """The contact of each linked customer."""
    return dict(
        CustomerLink.objects.filter(
            connection=work.connection, external_id__in=set(customer_ids)
        ).values_list("external_id", "contact")
    )
