"""A CRM payment outwards (R18): one payment in QuickBooks per customer whose invoices it pays."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from contacts.models import Allocation, Origin, Payment, RecordKind
from integrations import outbox
from integrations.models import InvoiceLink, OutboxEntry, PaymentLink
from integrations.pulling import payments as pulling
from integrations.pulling.invoice_writes import record_of
from integrations.pulling.work import Work
from integrations.pushing.outcome import Held, Hold, NothingToSend, Step, WaitFor, Write
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing import payments as outgoing
from integrations.quickbooks.outgoing.payments import OutgoingPayment
from integrations.quickbooks.records import PaymentRecord
from integrations.session import Session

PATH = "payment"

Parts = dict[str, list[tuple[InvoiceLink, Decimal]]]


def next_write(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """The next of the payment's parts that QuickBooks lacks; the others follow one by one."""
    del session
    payment = Payment.objects.filter(pk=entry.record_id).first()
    if payment is None or payment.origin != Origin.CRM:
        return NothingToSend()
    links = {link.customer_id: link for link in _links(work, payment)}
    if payment.voided_at:
        return _next_void(links)
    parts = _parts(work, payment)
    if isinstance(parts, WaitFor):
        return parts
    for customer_id, shares in sorted(parts.items()):
        wanted = _outgoing(work, payment, customer_id, shares, alone=len(parts) == 1)
        link = links.get(customer_id)
        if link is None:
            overpaid = [each for each, amount in shares if amount > record_of(each).balance]
            if overpaid and not entry.held_facts.get("send_anyway"):
                return Hold(Held.ALREADY_PAID, {"invoice": overpaid[0].invoice_id})
            return Write(PATH, outgoing.create(wanted))
        if link.frozen_at is None and link.gone_at is None and _differs(wanted, link):
            return Write(PATH, outgoing.update(link.external_id, link.sync_token, wanted))
    return NothingToSend()


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base; a payment of several parts goes round for the next one."""
    take_in(work, entry, raw)
    outbox.enqueue(work.connection, RecordKind.PAYMENT, entry.record_id)


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> PaymentLink:
    """Link a new part, or keep the newer version of one. The payment's amounts here stay ours."""
    record = read_record(PaymentRecord.entity, raw)
    if not isinstance(record, PaymentRecord):
        raise TypeError("QuickBooks answered with a payment that cannot be read")
    return pulling.keep_part(work, record, entry.record_id)


def _links(work: Work, payment: Payment) -> list[PaymentLink]:
    return list(PaymentLink.objects.filter(connection=work.connection, payment=payment))


def _next_void(links: dict[str, PaymentLink]) -> Step:
    for link in links.values():
        if link.frozen_at is None and link.gone_at is None and not _record(link).voided:
            body = outgoing.void(link.external_id, link.sync_token)
            return Write(outgoing.VOID_PATH, body)
    return NothingToSend()


def _parts(work: Work, payment: Payment) -> Parts | WaitFor:
    """The shares by customer; frozen invoices take none, unlinked ones have to go first."""
    shares = list(Allocation.objects.filter(payment=payment).order_by("invoice"))
    links = {
        link.invoice_id: link
        for link in InvoiceLink.objects.filter(
            connection=work.connection, invoice__in=[share.invoice_id for share in shares]
        )
    }
    missing = [
        (RecordKind.INVOICE, share.invoice_id)
        for share in shares
        if share.invoice_id not in links and _will_go(work, share.invoice_id)
    ]
    if missing:
        return WaitFor(tuple(missing))
    parts: Parts = defaultdict(list)
    for share in shares:
        link = links.get(share.invoice_id)
        if link is not None and link.frozen_at is None and link.gone_at is None:
            parts[link.customer_id].append((link, share.amount))
    return parts


def _will_go(work: Work, invoice_id: int) -> bool:
    """Whether an invoice without a link is going to QuickBooks at all."""
    return OutboxEntry.objects.filter(
        connection=work.connection, kind=RecordKind.INVOICE, record_id=invoice_id
    ).exists()


def _outgoing(
    work: Work,
    payment: Payment,
    customer_id: str,
    shares: list[tuple[InvoiceLink, Decimal]],
    *,
    alone: bool,
) -> OutgoingPayment:
    """One customer's part. What is not applied yet goes along where there is only one part."""
    applied = sum((amount for _, amount in shares), Decimal(0))
    multicurrency = work.connection.company.get("multicurrency")
    return OutgoingPayment(
        customer_id=customer_id,
        date=payment.date,
        amount=applied + (payment.unapplied if alone else Decimal(0)),
        currency=payment.currency if multicurrency else "",
        reference=payment.reference,
        note=payment.note,
        applied=tuple((link.external_id, amount) for link, amount in shares),
    )


def _differs(wanted: OutgoingPayment, link: PaymentLink) -> bool:
    there = _record(link)
    applied = {each.invoice_id: each.amount for each in there.applied}
    return (wanted.date, wanted.amount, wanted.reference, dict(wanted.applied)) != (
        there.date,
        there.amount,
        there.reference,
        applied,
    )


def _record(link: PaymentLink) -> PaymentRecord:
    record = read_record(PaymentRecord.entity, link.snapshot.encode())
    if not isinstance(record, PaymentRecord):
        raise TypeError(f"the snapshot of payment link {link.pk} cannot be read")
    return record
