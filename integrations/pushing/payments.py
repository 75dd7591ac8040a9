"""A CRM payment outwards (R18): one payment in QuickBooks per customer whose invoices it pays."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.db import transaction

from contacts.models import Allocation, Invoice, Origin, Payment, RecordKind
from integrations import assignments, outbox
from integrations.models import Connection, InvoiceLink, OutboxEntry, PaymentLink
from integrations.pulling.balances import reckon_balances
from integrations.pulling.invoices import apply_invoices
from integrations.pulling.payment_division import take_parts
from integrations.pulling.payment_writes import link_part
from integrations.pulling.payments import apply_payments
from integrations.pulling.snapshots import invoice_of, payment_of
from integrations.pulling.work import Work
from integrations.pushing.currency import named
from integrations.pushing.history import noted
from integrations.pushing.leftovers import is_last_word, show_left
from integrations.pushing.outcome import Held, Hold, NothingToSend, NotYet, Step, WaitFor, Write
from integrations.pushing.payment_parts import Part, parts_of, without_part
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.mapping.text import line, paragraph
from integrations.quickbooks.outgoing import payments as outgoing
from integrations.quickbooks.outgoing.body import decoded
from integrations.quickbooks.outgoing.payments import OutgoingPayment
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord
from integrations.session import Session

PATH = "payment"
_NOTHING: Final = Decimal(0)


def next_write(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """The next of the payment's parts that QuickBooks lacks; the others follow one by one."""
    payment = Payment.objects.filter(pk=entry.record_id).first()
    if payment is None:
        return NothingToSend()
    links = list(PaymentLink.objects.filter(connection=work.connection, payment=payment))
    if payment.origin != Origin.CRM and not links:
        return NothingToSend()
    live = [link for link in links if link.frozen_at is None and link.gone_at is None]
    if payment.voided_at:
        return _next_void(live)
    if payment.elsewhere or (links and not live):
        # Part of it is none of ours to say: it is changed in QuickBooks.
        return NothingToSend()
    shares = _shares(work, payment)
    anyway = bool(entry.held_facts.get("send_anyway"))
    for part in parts_of(payment, shares, live):
        known = payment_of(part.link) if part.link else None
        part = _within_balances(session, work, part, known, anyway=anyway)
        wanted = _outgoing(work.connection, payment, part)
        if part.link is None or known is None:
            return Write(PATH, outgoing.create(wanted))
        if differences(wanted, known):
            body = outgoing.update(part.link.external_id, part.link.sync_token, wanted)
            return Write(PATH, body)
    return _next_void(without_part(shares, live))


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base; while parts are not there yet, the payment goes round again."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=entry.record_id)
    last_word = is_last_word(entry)
    link = take_in(work, entry, raw)
    if payment.voided_at:
        more = PaymentLink.objects.filter(
            connection=work.connection, payment=payment, frozen_at=None, gone_at=None
        ).exclude(pk=link.pk)
        if any(not payment_of(each).voided for each in more):
            outbox.enqueue(work.connection, RecordKind.PAYMENT, entry.record_id)
        return
    record = payment_of(link)
    # Compared with what was sent: the payment itself may have been edited since.
    if last_word:
        show_left(work, entry, _not_taken(decoded(entry.body), record))
    live = list(
        PaymentLink.objects.filter(
            connection=work.connection, payment=payment, frozen_at=None, gone_at=None
        )
    )
    shares = _linked_shares(work.connection, payment)
    if any(part.link is None for part in parts_of(payment, shares, live)) or any(
        not payment_of(each).voided for each in without_part(shares, live)
    ):
        outbox.enqueue(work.connection, RecordKind.PAYMENT, entry.record_id)
    elif last_word:
        take_parts(work, payment, live)


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> PaymentLink:
    """Link a new part, or merge a linked one as QuickBooks has it now."""
    record = read_record(PaymentRecord.entity, raw)
    if not isinstance(record, PaymentRecord):
        raise TypeError("QuickBooks answered with a payment that cannot be read")
    known = PaymentLink.objects.filter(
        connection=work.connection, external_id=record.external_id
    ).exists()
    if known:
        apply_payments(work, [record])
    else:
        link_part(work, record, entry.record_id)
    return PaymentLink.objects.get(connection=work.connection, external_id=record.external_id)


def lacks(connection: Connection, payment: Payment) -> bool:
    """Whether QuickBooks has not heard of a payment, an edit or a void made here.

    One that is not linked has invoices there, or on their way.
    """
    links = list(PaymentLink.objects.filter(connection=connection, payment=payment))
    live = [link for link in links if link.frozen_at is None and link.gone_at is None]
    if payment.voided_at:
        return any(not payment_of(link).voided for link in live)
    if payment.elsewhere or (links and not live):
        return False
    return not links or any(
        part.link is None
        or differences(_outgoing(connection, payment, part), payment_of(part.link))
        for part in parts_of(payment, _linked_shares(connection, payment), live)
    )


def lock_invoices(entry: OutboxEntry) -> set[int]:
    """The invoices whose balances it moved here, locked; a void one does not say which."""
    payment = Payment.objects.filter(pk=entry.record_id).first()
    if payment is None:
        return set()
    mine = Invoice.objects.filter(voided_at=None)
    if payment.voided_at:
        mine = mine.filter(contact=payment.contact_id)
    else:
        mine = mine.filter(pk__in=Allocation.objects.filter(payment=payment).values("invoice"))
    return set(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def look_at_invoices(session: Session, work: Work, entry: OutboxEntry) -> bool:
    """Read the invoices of a payment that was refused; whether there were any to read."""
    applied = decoded(entry.body).get("Line") or []
    for each in applied:
        _read_invoice(session, work, each["LinkedTxn"][0]["TxnId"])
    return bool(applied)


def differences(wanted: OutgoingPayment, there: PaymentRecord) -> list[str]:
    """What QuickBooks has otherwise, by our names for it; texts as it keeps them."""
    applied = {each.invoice_id: each.amount for each in there.applied}
    pairs = {
        "date": (wanted.date, there.date),
        "amount": (wanted.amount, there.amount),
        "reference": (line(wanted.reference), there.reference),
        "note": (paragraph(wanted.note), there.note),
        "allocations": (dict(wanted.applied), applied),
    }
    return [name for name, (ours, theirs) in pairs.items() if ours != theirs]


def _not_taken(body: dict[str, object], record: PaymentRecord) -> list[str]:
    """What the answer says otherwise than the bytes that were sent."""
    pairs = {
        "reference": (line(str(body.get("PaymentRefNum", ""))), record.reference),
        "note": (paragraph(str(body.get("PrivateNote", ""))), record.note),
        "amount": (body.get("TotalAmt", record.amount), record.amount),
    }
    return [name for name, (ours, theirs) in pairs.items() if ours != theirs]


def _next_void(links: Iterable[PaymentLink]) -> Step:
    for link in links:
        if not payment_of(link).voided:
            body = outgoing.void(link.external_id, link.sync_token)
            return Write(outgoing.VOID_PATH, body)
    return NothingToSend()


def _shares(work: Work, payment: Payment) -> list[tuple[InvoiceLink, Decimal]]:
    """The parts for invoices in QuickBooks. Raises NotYet for invoices that have to go first."""
    shares = Allocation.objects.filter(payment=payment)
    linked = InvoiceLink.objects.filter(connection=work.connection).values("invoice")
    missing = shares.exclude(invoice__in=linked).values("invoice")
    going = OutboxEntry.objects.filter(
        connection=work.connection, kind=RecordKind.INVOICE, record_id__in=missing
    ).order_by("record_id")
    first = tuple((RecordKind.INVOICE, each) for each in going.values_list("record_id", flat=True))
    if first:
        raise NotYet(WaitFor(tuple(dict.fromkeys(first))))
    return _linked_shares(work.connection, payment)


def _linked_shares(connection: Connection, payment: Payment) -> list[tuple[InvoiceLink, Decimal]]:
    """Frozen and deleted invoices take none."""
    amounts = dict(Allocation.objects.filter(payment=payment).values_list("invoice", "amount"))
    links = InvoiceLink.objects.filter(
        connection=connection, invoice__in=amounts, frozen_at=None, gone_at=None
    ).order_by("invoice")
    return [(link, amounts[link.invoice_id]) for link in links]


def _within_balances(
    session: Session, work: Work, part: Part, known: PaymentRecord | None, *, anyway: bool
) -> Part:
    """No more than is open there may be applied; a person says whether the rest is sent (R18).

    Raises NotYet with what it was paid by there, after looking once more.
    """
    over = part.over(known)
    if not over:
        return part
    for link in over:
        _read_invoice(session, work, link.external_id)
        link.refresh_from_db()
    over = part.over(known)
    if over and not anyway:
        raise NotYet(Hold(Held.ALREADY_PAID, _paid_by(over[0])))
    return part.capped(known)


def _paid_by(link: InvoiceLink) -> dict[str, object]:
    """Which payment of QuickBooks paid it, and when."""
    found = (
        Payment.objects.filter(
            allocations__invoice=link.invoice_id, origin=Origin.QUICKBOOKS, voided_at=None
        )
        .order_by("-date", "-pk")
        .values_list("pk", "date")
        .first()
    )
    facts: dict[str, object] = {"invoice": link.invoice_id, "open": str(invoice_of(link).balance)}
    if found:
        facts |= {"payment": found[0], "paid_on": found[1].isoformat()}
    return facts


def _read_invoice(session: Session, work: Work, external_id: str) -> None:
    raw = session.call(lambda api: api.read(InvoiceRecord.entity, external_id))
    record = read_record(InvoiceRecord.entity, raw)
    if not isinstance(record, InvoiceRecord):
        return
    with noted(work), transaction.atomic():
        list(
            Invoice.objects.select_for_update(no_key=True).filter(
                invoice_links__external_id=external_id
            )
        )
        apply_invoices(work, [record])
        reckon_balances(work)
        work.write_history()


def _outgoing(connection: Connection, payment: Payment, part: Part) -> OutgoingPayment:
    currency, at_home = named(connection, payment.currency)
    return OutgoingPayment(
        customer_id=part.customer_id,
        date=payment.date,
        amount=part.amount,
        currency=currency,
        reference=payment.reference,
        note=payment.note,
        applied=tuple((link.external_id, amount) for link, amount in part.shares),
        deposit_account_id=assignments.chosen(connection, assignments.DEPOSIT),
        location_id=assignments.chosen(connection, assignments.LOCATION),
        at_home=at_home,
    )
