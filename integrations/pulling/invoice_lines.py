"""The lines of pulled invoices, and how they compare with those that are here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contacts.models import Invoice, InvoiceLine, Origin, RecordKind
from contacts.services import history
from integrations import bulk
from integrations.models import Connection, InvoiceLink, ItemLink
from integrations.pulling.snapshots import invoice_of
from integrations.pulling.work import Work
from integrations.quickbooks.mapping.text import paragraph
from integrations.quickbooks.records import InvoiceRecord, LineRecord

_LINE = (
    "invoice",
    "position",
    "product",
    "product_name",
    "bundle_name",
    "description",
    "quantity",
    "unit_price",
    "amount",
)


def write_lines(work: Work, invoices: list[tuple[int, InvoiceRecord]]) -> None:
    products = _products(work.connection, (line for _, record in invoices for line in record.lines))
    bulk.insert(
        InvoiceLine,
        _LINE,
        [
            (
                invoice_id,
                line.position,
                products.get(line.item_id or ""),
                line.item_name,
                line.bundle_name,
                line.description,
                line.quantity,
                line.unit_price,
                line.amount,
            )
            for invoice_id, record in invoices
            for line in record.lines
        ],
    )


def note_lines(work: Work, invoice: Invoice, link: InvoiceLink, record: InvoiceRecord) -> None:
    """Lines that give way to QuickBooks' stay in the history (R22), whoever wrote them (R10)."""
    ours = list(invoice.lines.all())
    old, new = _as_text(ours), _as_text(record.lines)
    if old == new:
        return
    edited = [_facts(each) for each in ours] != [_facts(each) for each in invoice_of(link).lines]
    both = "Changed on both sides: QuickBooks won."
    note = both if edited and invoice.origin == Origin.CRM else ""
    work.note_change(RecordKind.INVOICE, invoice.pk, "lines", old, new, note)


def same_lines(connection: Connection, invoice: Invoice, there: InvoiceRecord) -> bool:
    """Whether both have the same lines; one without a product went as the fallback item."""
    lines = list(invoice.lines.all())
    if [_facts(line) for line in lines] != [_facts(line) for line in there.lines]:
        return False
    products = _products(connection, there.lines)
    return all(
        ours.product_id in (None, products.get(theirs.item_id or ""))
        for ours, theirs in zip(lines, there.lines, strict=True)
    )


def line_contents(record: InvoiceRecord) -> list[tuple[Any, ...]]:
    """What makes its lines these lines."""
    return [(_facts(line), line.item_id, line.bundle_name) for line in record.lines]


def _facts(line: LineRecord | InvoiceLine) -> tuple[Any, ...]:
    return paragraph(line.description), line.quantity, line.unit_price, line.amount


def _as_text(lines: Iterable[LineRecord | InvoiceLine]) -> str:
    """The lines as the history shows them, one a row."""
    return "\n".join(_sentence(each) for each in lines)


def _sentence(line: LineRecord | InvoiceLine) -> str:
    if line.amount is None:
        return line.description
    if line.quantity is None or line.unit_price is None:
        return f"{line.description} = {line.amount:,.2f}"
    quantity, price = history.as_text(line.quantity), history.as_text(line.unit_price)
    return f"{quantity} × {line.description} at {price} = {line.amount:,.2f}"


def _products(connection: Connection, lines: Iterable[LineRecord]) -> dict[str, int]:
    items = {line.item_id for line in lines if line.item_id}
    if not items:
        return {}
    return dict(
        ItemLink.objects.filter(connection=connection, external_id__in=items).values_list(
            "external_id", "product"
        )
    )
