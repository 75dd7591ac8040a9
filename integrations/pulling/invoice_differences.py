"""What an invoice of ours and QuickBooks' version of it do not have in common (R15)."""

from __future__ import annotations

from contacts.models import Invoice
from integrations.models import Connection
from integrations.pulling.invoice_lines import same_lines
from integrations.quickbooks.mapping.text import paragraph
from integrations.quickbooks.records import InvoiceRecord


def differences(connection: Connection, invoice: Invoice, there: InvoiceRecord) -> list[str]:
    """What of an invoice of ours is not as this version of it says."""
    names = [
        name
        for name in ("issue_date", "due_date", "discount")
        if getattr(invoice, name) != getattr(there, name)
    ]
    if paragraph(invoice.memo) != there.memo:
        names.append("memo")
    if not same_lines(connection, invoice, there):
        names.append("lines")
    return names


def inexpressible(record: InvoiceRecord) -> str:
    """Why an invoice of ours cannot be edited here any more, once QuickBooks holds more (R15)."""
    if record.tax:
        return "QuickBooks put tax on this invoice, which cannot be edited here."
    if any(line.bundle_name or line.kind in {"subtotal", "shipping"} for line in record.lines):
        return "QuickBooks holds bundles, subtotals or shipping on it, which cannot be edited here."
    return ""
