"""QuickBooks payments on synced invoices (R18)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from contacts.models import Payment
from integrations.models import PaymentLink, Reason, SetAside
from integrations.pulling import payment_writes
from integrations.pulling.freshness import is_newer, newest_of_each
from integrations.pulling.locks import linked, locked
from integrations.pulling.payment_shares import live_invoices, paid_invoices, split
from integrations.pulling.set_aside import Aside, Asides
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord


def apply_payments(work: Work, records: Iterable[PaymentRecord]) -> None:
    """Apply one page: payments that touch a live synced invoice come in, others are not ours."""
    newest = newest_of_each(records)
    if not newest:
        return
    links, payments = linked(work, PaymentLink, Payment, "payment", newest)
    asides = Asides(work, PaymentRecord.entity, [record.external_id for record in newest])
    mentioned = {each for record in newest for each in paid_invoices(record)}
    invoice_of = live_invoices(work, mentioned)
    parked_invoices = _parked_among(work, mentioned - invoice_of.keys())
    changed, new, parked, elsewhere = [], [], [], []
    for record in newest:
        link = links.get(record.external_id)
        waits_for = sorted(paid_invoices(record) & parked_invoices)
        if link is not None:
            # An invoice that came in after its payment changes where the money went.
            news = is_newer(record, link) or paid_invoices(record) & work.arrived_invoices
            if link.frozen_at is None and link.gone_at is None and news:
                changed.append((link, record))
            else:
                work.tally.unchanged += 1
        elif asides.is_unwanted(record.external_id):
            parked.append(Aside(record, Reason.NOT_WANTED, record.reference))
        elif split(record, invoice_of).to_invoices:
            new.append(record)
        elif waits_for:
            parked.append(
                Aside(record, Reason.INVOICE_MISSING, record.reference, waits_for=waits_for[0])
            )
        else:
            elsewhere.append(record)
    # While it might have been ours, a balance did not count it (balances.py).
    waited = [record for record in newest if asides.is_under_way(record.external_id)]
    touched = {each for record in waited for each in paid_invoices(record)}
    work.unsettled_invoices.update(invoice_of[each] for each in touched & invoice_of.keys())
    asides.put(parked)
    payment_writes.change(work, payments, changed, invoice_of)
    payment_writes.create(work, new, invoice_of)
    settled = [*new, *elsewhere, *(record for _, record in changed)]
    asides.let_in([record.external_id for record in settled])


def lock_linked(work: Work, external_ids: Collection[str]) -> None:
    """Lock what is known of these payments before any invoice, as whoever edits one does."""
    if external_ids:
        links = PaymentLink.objects.filter(connection=work.connection, external_id__in=external_ids)
        locked(Payment, links.values("payment"))


def waiting(work: Work) -> list[PaymentRecord]:
    """The payments, parked or partly *elsewhere*, on invoices that came in on this page."""
    if not work.arrived_invoices:
        return []
    ids = "|".join(re.escape(each) for each in sorted(work.arrived_invoices))
    mentions = {"connection": work.connection, "snapshot__regex": f'"TxnId" *: *"({ids})"'}
    parked = SetAside.objects.filter(
        **mentions, kind=PaymentRecord.entity, reason=Reason.INVOICE_MISSING
    )
    partly = PaymentLink.objects.filter(**mentions, payment__elsewhere__gt=0, frozen_at=None)
    found = [
        read_record(PaymentRecord.entity, snapshot.encode())
        for kept in (parked, partly)
        for snapshot in kept.values_list("snapshot", flat=True)
    ]
    return [
        record
        for record in found
        if isinstance(record, PaymentRecord) and paid_invoices(record) & work.arrived_invoices
    ]


def _parked_among(work: Work, external_ids: set[str]) -> set[str]:
    if not external_ids:
        return set()
    return set(
        SetAside.objects.filter(
            connection=work.connection, kind=InvoiceRecord.entity, external_id__in=external_ids
        ).values_list("external_id", flat=True)
    )
