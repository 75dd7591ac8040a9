"""The lines of pulled invoices, and how they compare with those that are here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contacts.models import Invoice, InvoiceLine, Origin, RecordKind
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


def note_lost_lines(work: Work, invoice: Invoice, link: InvoiceLink, record: InvoiceRecord) -> None:
    """Lines that were edited here and give way to QuickBooks' leave a trace (R10)."""
    if invoice.origin != Origin.CRM:
        return
    ours, base = list(invoice.lines.all()), invoice_of(link)
    if [_facts(each) for each in ours] != [_facts(each) for each in base.lines]:
        work.note_change(
            RecordKind.INVOICE,
            invoice.pk,
            "lines",
            _as_text(ours),
            _as_text(record.lines),
            "Changed on both sides: QuickBooks won.",
        )


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
    return "; ".join(
        f"{each.quantity} × {each.description} at {each.unit_price} = {each.amount}"
        for each in lines
    )


def _products(connection: Connection, lines: Iterable[LineRecord]) -> dict[str, int]:
    items = {line.item_id for line in lines if line.item_id}
    if not items:
        return {}
    return dict(
        ItemLink.objects.filter(connection=connection, external_id__in=items).values_list(
            "external_id", "product"
        )
    )
