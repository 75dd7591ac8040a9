"""QuickBooks invoices appear here and stay as QuickBooks has them (R13, R14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import QuerySet

from contacts.models import Invoice
from integrations.models import Connection, CustomerLink, InvoiceLink, Reason, SetAside
from integrations.pulling import invoice_writes
from integrations.pulling.found_again import link_ours
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.locks import linked
from integrations.pulling.set_aside import Aside, Asides
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
    links, invoices = linked(work, InvoiceLink, Invoice, "invoice", newest)
    asides = Asides(work, InvoiceRecord.entity, [record.external_id for record in newest])
    customers = links_of_customers(work, {record.customer_id for record in newest})
    changed, new, skipped = [], [], []
    for record in newest:
        link, customer = links.get(record.external_id), customers.get(record.customer_id)
        if link is not None:
            if link.frozen_at is None and link.gone_at is None and is_newer(record, link):
                changed.append((link, record))
            else:
                work.tally.unchanged += 1
        elif record.created_at < work.connection.invoices_since:
            continue
        elif customer is None or customer.without_email:
            skipped.append(_parked(record))
        elif asides.is_unwanted(record.external_id):
            skipped.append(Aside(record, Reason.NOT_WANTED, _label(record)))
        else:
            new.append(record)
    asides.put(skipped)
    contacts = {each: customer.contact_id for each, customer in customers.items()}
    invoice_writes.change(work, invoices, changed, contacts)
    invoice_writes.create(work, link_ours(work, new, contacts), contacts)
    asides.let_in([r.external_id for r in new] + [r.external_id for _, r in changed])


def _parked(record: InvoiceRecord) -> Aside:
    """An invoice whose customer is unknown or has no address; it comes in with it (R6)."""
    return Aside(
        record,
        Reason.CUSTOMER_MISSING,
        label=_label(record),
        waits_for=record.customer_id,
        detail=f"Its customer {record.customer_name} is not synced.",
    )


def _label(record: InvoiceRecord) -> str:
    return record.doc_number or f"without number ({record.external_id})"


def waiting(work: Work) -> list[InvoiceRecord]:
    """The parked invoices whose customer is linked by now.

    What an invoice waits for says whose it is: the customer it was written for may have been
    merged away since.
    """
    found = []
    for aside in _ready(work.connection).order_by("id"):
        record = read_record(InvoiceRecord.entity, aside.snapshot.encode())
        if isinstance(record, InvoiceRecord):
            found.append(replace(record, customer_id=aside.waits_for))
    return found


def _ready(connection: Connection) -> QuerySet[SetAside]:
    """What was parked for a customer that is linked by now."""
    parked = SetAside.objects.filter(
        connection=connection, kind=InvoiceRecord.entity, reason=Reason.CUSTOMER_MISSING
    )
    here = CustomerLink.objects.filter(
        connection=connection,
        external_id__in=parked.values("waits_for"),
        without_email=False,
    )
    return parked.filter(waits_for__in=here.values("external_id"))


def links_of_customers(work: Work, customer_ids: Iterable[str]) -> dict[str, CustomerLink]:
    """The links of these customers: whose contact they are, and whether they have an address."""
    links = CustomerLink.objects.filter(
        connection=work.connection, external_id__in=set(customer_ids)
    ).only("external_id", "contact", "without_email")
    return {link.external_id: link for link in links}
