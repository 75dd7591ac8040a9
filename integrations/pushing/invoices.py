"""A CRM invoice outwards (R15): created once, then its edits and its void follow."""

from __future__ import annotations

from contacts.models import Invoice, Origin
from integrations import attention, outbox
from integrations.models import Cause, Connection, InvoiceLink, OutboxEntry
from integrations.pulling import invoice_writes, payments
from integrations.pulling.invoice_differences import differences
from integrations.pulling.invoices import apply_invoices
from integrations.pulling.snapshots import invoice_of
from integrations.pulling.work import Work
from integrations.pushing.drawing_up import draw_up
from integrations.pushing.leftovers import is_last_word, show_left
from integrations.pushing.outcome import NothingToSend, Step, Write
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing import invoices as outgoing
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord
from integrations.session import Session

PATH = "invoice"


def next_write(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """Work out what QuickBooks lacks. What was made before connecting stays here (R14)."""
    invoice = Invoice.objects.filter(pk=entry.record_id).defer("words").first()
    if invoice is None or invoice.sent_at is None or invoice.origin != Origin.CRM:
        return NothingToSend()
    link = _link(work, invoice.pk)
    if link is None:
        if invoice.voided_at or invoice.created_at < work.connection.invoices_since_here:
            return NothingToSend()
        return Write(PATH, outgoing.create(draw_up(session, work.connection, invoice)))
    if link.frozen_at or link.gone_at or not lacks(work.connection, invoice, link):
        return NothingToSend()
    if invoice.voided_at:
        return Write(outgoing.VOID_PATH, outgoing.void(link.external_id, link.sync_token))
    drawn = draw_up(session, work.connection, invoice)
    body = outgoing.update(link.external_id, link.sync_token, drawn, snapshot=link.snapshot)
    return Write(PATH, body)


def lacks(connection: Connection, invoice: Invoice, link: InvoiceLink) -> bool:
    """Whether QuickBooks has not heard of a void or an edit made here."""
    known = invoice_of(link)
    if invoice.voided_at:
        return not known.voided
    return not invoice.locked_reason and bool(differences(connection, invoice, known))


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base. What it says differently is shown at once (R15)."""
    there = _readable(raw)
    early = _early_payments(work, entry, there)
    invoice = _locked(entry.record_id)
    total, last_word = invoice.total, is_last_word(entry)
    _take_in(work, there, invoice, early, untouched=last_word)
    if not last_word:
        return
    key = outbox.named(entry.kind, entry.record_id)
    if there.voided or there.total == total:
        attention.close_item(work.connection, Cause.OTHER_TOTAL, key=key)
    else:
        attention.open_item(
            work.connection,
            Cause.OTHER_TOTAL,
            key=key,
            facts={"record": entry.record_id, "here": str(total), "there": str(there.total)},
        )
    invoice.refresh_from_db(fields=["issue_date", "due_date", "memo", "discount"])
    left = [] if there.voided else differences(work.connection, invoice, there)
    show_left(work, entry, left)


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> InvoiceLink:
    """Link a new invoice, or merge the linked one as QuickBooks has it now."""
    there = _readable(raw)
    early = _early_payments(work, entry, there)
    invoice = _locked(entry.record_id)
    return _take_in(work, there, invoice, early, untouched=is_last_word(entry))


def _early_payments(work: Work, entry: OutboxEntry, record: InvoiceRecord) -> list[PaymentRecord]:
    """Payments on a new invoice that came in before anybody knew it is ours (R18).

    Locked before the invoice, as by a page.
    """
    if _link(work, entry.record_id) is not None:
        return []
    work.arrived_invoices.add(record.external_id)
    early = payments.waiting(work)
    payments.lock_linked(work, [payment.external_id for payment in early])
    return early


def _take_in(
    work: Work,
    record: InvoiceRecord,
    invoice: Invoice,
    early: list[PaymentRecord],
    *,
    untouched: bool,
) -> InvoiceLink:
    if _link(work, invoice.pk) is None:
        invoice_writes.link_to(work, record, invoice, untouched=untouched)
        payments.apply_payments(work, early)
        work.arrived_invoices.clear()
    else:
        apply_invoices(work, [record])
    return InvoiceLink.objects.get(connection=work.connection, external_id=record.external_id)


def _readable(raw: bytes) -> InvoiceRecord:
    record = read_record(InvoiceRecord.entity, raw)
    if not isinstance(record, InvoiceRecord):
        raise TypeError("QuickBooks answered with an invoice that cannot be read")
    return record


def _locked(invoice_id: int) -> Invoice:
    """Nobody edits it before the answer is kept."""
    return Invoice.objects.select_for_update(no_key=True).defer("words").get(pk=invoice_id)


def _link(work: Work, invoice_id: int) -> InvoiceLink | None:
    return InvoiceLink.objects.filter(connection=work.connection, invoice=invoice_id).first()
