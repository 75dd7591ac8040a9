"""What the acts upon an invoice share: reading it for change, its lines, its announcements."""

from __future__ import annotations

from collections.abc import Sequence

from contacts.models import Invoice, InvoiceLine, Origin
from contacts.services.billing.totals import Line
from contacts.signals import record_changed


def locked(invoice: Invoice) -> Invoice:
    """The invoice as it is now, nobody else's to change until the transaction ends."""
    return (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("contact")
        .defer("words", "contact__words")
        .get(pk=invoice.pk)
    )


def stored_lines(invoice: Invoice) -> list[InvoiceLine]:
    return list(invoice.lines.select_related("product").defer("product__words"))


def write_lines(invoice: Invoice, lines: Sequence[Line]) -> None:
    """Replace the invoice's lines by `lines`, as one unit."""
    invoice.lines.all().delete()
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            position=position,
            product=line.product,
            product_name=line.product.name if line.product else "",
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for position, line in enumerate(lines, start=1)
    )


def announce(invoice: Invoice, fields: frozenset[str]) -> None:
    """Tell whoever keeps invoices in step elsewhere; drafts are nobody's business yet (R15)."""
    if fields and invoice.sent_at is not None:
        record_changed.send(Invoice, record=invoice, fields=fields, origin=Origin.CRM)
