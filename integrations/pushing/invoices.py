"""A CRM invoice outwards (R15): created once, then its edits and its void follow."""

from __future__ import annotations

from contacts.models import Invoice, Origin
from integrations import attention
from integrations.models import Cause, InvoiceLink, OutboxEntry
from integrations.pulling import invoice_writes
from integrations.pulling.invoices import apply_invoices
from integrations.pulling.work import Work
from integrations.pushing.drawing_up import draw_up
from integrations.pushing.outcome import NothingToSend, Step, Write
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing import invoices as outgoing
from integrations.quickbooks.records import InvoiceRecord
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
    if link.frozen_at or link.gone_at:
        return NothingToSend()
    if invoice.voided_at:
        known = invoice_writes.record_of(link)
        if known.voided:
            return NothingToSend()
        return Write(outgoing.VOID_PATH, outgoing.void(link.external_id, link.sync_token))
    if invoice.locked_reason or not invoice_writes.differs(invoice, link):
        return NothingToSend()
    drawn = draw_up(session, work.connection, invoice)
    body = outgoing.update(link.external_id, link.sync_token, drawn, snapshot=link.snapshot)
    return Write(PATH, body)


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base; another total than ours is shown at once (R15)."""
    before = Invoice.objects.values_list("total", flat=True).get(pk=entry.record_id)
    link = take_in(work, entry, raw)
    there = invoice_writes.record_of(link)
    key = f"{entry.kind}-{entry.record_id}"
    if there.voided or there.total == before:
        attention.close_item(work.connection, Cause.OTHER_TOTAL, key=key)
        return
    attention.open_item(
        work.connection,
        Cause.OTHER_TOTAL,
        key=key,
        facts={"record": entry.record_id, "here": str(before), "there": str(there.total)},
    )


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> InvoiceLink:
    """Link a new invoice, or merge the linked one as QuickBooks has it now."""
    record = read_record(InvoiceRecord.entity, raw)
    if not isinstance(record, InvoiceRecord):
        raise TypeError("QuickBooks answered with an invoice that cannot be read")
    link = _link(work, entry.record_id)
    if link is None:
        invoice_writes.link_to(work, record, entry.record_id)
    else:
        apply_invoices(work, [record])
    return InvoiceLink.objects.get(connection=work.connection, external_id=record.external_id)


def _link(work: Work, invoice_id: int) -> InvoiceLink | None:
    return InvoiceLink.objects.filter(connection=work.connection, invoice=invoice_id).first()
