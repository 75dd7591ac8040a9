"""CSV of the lists: exact values for other programs, one chunk of records at a time.

Each function takes the records of one chunk and yields a row per record (or line), asking for
sync states and lines once per chunk. Amounts are plain decimals, dates ISO, statuses codes.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence

from contacts.decimals import exact
from contacts.models import Contact, Invoice, InvoiceLine, Product, RecordKind
from contacts.record_states import NOT_SYNCED, RecordState, states_of

CONTACT_COLUMNS = (
    "id",
    *Contact.SYNCED_FIELDS,
    "marketing_status",
    "quickbooks_id",
    "sync_state",
)
PRODUCT_COLUMNS = (
    "id",
    "name",
    "sku",
    "description",
    "unit_price",
    "type",
    "active",
    "quickbooks_id",
    "sync_state",
)
INVOICE_COLUMNS = (
    "id",
    "number",
    "quickbooks_number",
    "contact_email",
    "issue_date",
    "due_date",
    "currency",
    "subtotal",
    "discount",
    "tax",
    "total",
    "balance",
    "status",
    "quickbooks_id",
    "sync_state",
)
LINE_COLUMNS = ("line", "product", "description", "quantity", "unit_price", "amount")

Row = tuple[object, ...]


def contact_rows(contacts: Sequence[Contact]) -> Iterator[Row]:
    states = _states(RecordKind.CONTACT, contacts)
    for contact in contacts:
        yield (
            contact.pk,
            *(getattr(contact, field) for field in Contact.SYNCED_FIELDS),
            contact.marketing_status,
            *_sync_columns(states[contact.pk]),
        )


def product_rows(products: Sequence[Product]) -> Iterator[Row]:
    states = _states(RecordKind.PRODUCT, products)
    for product in products:
        yield (
            product.pk,
            product.name,
            product.sku,
            product.description,
            exact(product.unit_price),
            product.type,
            "true" if product.active else "false",
            *_sync_columns(states[product.pk]),
        )


def invoice_rows(invoices: Sequence[Invoice], today: datetime.date) -> Iterator[Row]:
    """Statuses as of `today`, a date in the company's time zone. Contacts must be loaded."""
    states = _states(RecordKind.INVOICE, invoices)
    for invoice in invoices:
        yield _invoice_row(invoice, states[invoice.pk], today)


def invoice_line_rows(invoices: Sequence[Invoice], today: datetime.date) -> Iterator[Row]:
    """The invoice's columns followed by the line's, one row per line, numbered from 1."""
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice__in=[i.pk for i in invoices]).order_by(
        "position"
    ):
        lines[line.invoice_id].append(line)
    for invoice, row in zip(invoices, invoice_rows(invoices, today), strict=True):
        for number, line in enumerate(lines[invoice.pk], start=1):
            yield (
                *row,
                number,
                line.product_name,
                line.description,
                exact(line.quantity),
                exact(line.unit_price),
                exact(line.amount),
            )


def _invoice_row(invoice: Invoice, state: RecordState, today: datetime.date) -> Row:
    return (
        invoice.pk,
        invoice.number,
        state.external_number,
        invoice.contact.email,
        invoice.issue_date.isoformat(),
        invoice.due_date.isoformat() if invoice.due_date else "",
        invoice.currency,
        exact(invoice.subtotal),
        exact(invoice.discount),
        exact(invoice.tax),
        exact(invoice.total),
        exact(invoice.balance),
        invoice.status(today).value,
        *_sync_columns(state),
    )


def _sync_columns(state: RecordState) -> tuple[str, str]:
    return state.external_id, state.label.lower().replace(" ", "_")


def _states(
    kind: RecordKind, records: Sequence[Contact] | Sequence[Product] | Sequence[Invoice]
) -> defaultdict[int, RecordState]:
    found = states_of(kind, [record.pk for record in records])
    return defaultdict(lambda: NOT_SYNCED, found)
