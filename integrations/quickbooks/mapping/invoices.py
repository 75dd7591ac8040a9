"""Invoice JSON as InvoiceRecord."""

from __future__ import annotations

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.lines import Lines, lines_from
from integrations.quickbooks.mapping.text import line, name, paragraph
from integrations.quickbooks.records import InvoiceRecord

_decoder = msgspec.json.Decoder(wire.Invoice, strict=False)


def invoice_from(raw: bytes | str) -> InvoiceRecord:
    """Map one Invoice: bundles opened, discount and tax apart (R13). See InvoiceRecord.

    Raises what `read_record` catches: msgspec.DecodeError, UnicodeDecodeError, Unmappable, Gone.
    """
    invoice = _decoder.decode(raw)
    values.whole_row(invoice)
    created_at, updated_at = values.times(invoice)
    customer = invoice.customer_ref or wire.Ref()
    lines = lines_from(invoice.line or ())
    taxed = invoice.txn_tax_detail
    tax = values.money(taxed.total_tax if taxed else None, "its tax")
    if invoice.total_amt is None:
        raise values.Unmappable("its total is missing")
    total = values.money(invoice.total_amt, "its total")
    balance = values.money(invoice.balance, "its balance")
    note = paragraph(invoice.private_note)
    email = invoice.bill_email
    memo = invoice.customer_memo
    return InvoiceRecord(
        external_id=values.identity(invoice),
        sync_token=values.version(invoice),
        created_at=created_at,
        updated_at=updated_at,
        customer_id=values.identifier(customer.value, "its customer"),
        customer_name=name(customer.name),
        doc_number=line(invoice.doc_number),
        issue_date=values.day(invoice.txn_date, "its date"),
        due_date=values.day_or_none(invoice.due_date, "its due date"),
        currency=values.currency(invoice.currency_ref),
        subtotal=total - tax + lines.discount,
        discount=lines.discount,
        tax=tax,
        total=total,
        balance=balance,
        voided=not total and not balance and _says_voided(note) and not _has_amounts(lines),
        private_note=note,
        memo=paragraph(memo.value) if memo else "",
        email=line(email.address) if email else "",
        term_id=values.reference(invoice.sales_term_ref),
        lines=lines.visible,
        raw=values.source(raw),
    )


def _says_voided(note: str) -> bool:
    """QBO keeps no status: it writes "Voided" before the note and sets every amount to zero."""
    return note.lower().startswith("voided")


def _has_amounts(lines: Lines) -> bool:
    return any(each.amount for each in lines.visible)
