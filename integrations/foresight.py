"""What would hold an invoice of ours, told before it is sent (R15, R17). Nothing is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from django.utils.text import capfirst

from contacts.models import Invoice, InvoiceLine
from integrations import bookkeeping
from integrations.held_wording import why, wording_of
from integrations.models import Connection, ItemLink
from integrations.pushing.drawing_up import customer_in_currency, refuse_unsellable
from integrations.pushing.outcome import Held, Hold, NotYet
from integrations.record_states import MADE_BEFORE

Lines = Sequence[InvoiceLine]


def foreseen(invoice: Invoice) -> list[str]:
    """A sentence for each cause that is known already; a dozen short queries at most.

    None without a connection. A draft of before it is not sent at all (R14).
    """
    connection = Connection.objects.live().first()
    if connection is None:
        return []
    if invoice.created_at < connection.invoices_since_here:
        return [MADE_BEFORE]
    lines = list(invoice.lines.select_related("product").defer("product__words"))
    holds = [hold for check in _CHECKS if (hold := _found(check, connection, invoice, lines))]
    return [
        f"{capfirst(why(hold.cause, hold.facts))} {wording_of(hold.cause, hold.facts).remedy}"
        for hold in holds
    ]


def books_closed_until() -> date | None:
    """Of the connected company; QuickBooks refuses what is dated that day or before (6210)."""
    connection = Connection.objects.live().only("company").first()
    return _closing_date(connection) if connection else None


def _closing_date(connection: Connection) -> date | None:
    told = connection.company.get("book_close_date")
    return date.fromisoformat(told) if told else None


def _found(
    check: Callable[[Connection, Invoice, Lines], None],
    connection: Connection,
    invoice: Invoice,
    lines: Lines,
) -> Hold | None:
    try:
        check(connection, invoice, lines)
    except NotYet as exc:
        return exc.step if isinstance(exc.step, Hold) else None
    return None


def _open_books(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    del lines
    closing = _closing_date(connection)
    if closing and invoice.issue_date <= closing:
        raise NotYet(Hold(Held.CLOSED_BOOKS))


def _customer(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    """Who has no address is named on the page anyway."""
    del lines
    if invoice.contact.email:
        customer_in_currency(connection, invoice)


def _sellable(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    del connection, invoice
    refuse_unsellable(lines)


def _discount(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    del lines
    if invoice.discount and not connection.company.get("allows_discount"):
        raise NotYet(Hold(Held.NO_DISCOUNT))


def _tax_code(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    del invoice, lines
    if bookkeeping.needs_exempt(connection) and not connection.exempt_code_id:
        raise NotYet(Hold(Held.NO_EXEMPT_CODE))


def _free_text(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    del invoice
    free_text = any(line.product_id is None and line.amount is not None for line in lines)
    if free_text and not bookkeeping.usable_fallback(connection):
        raise NotYet(Hold(Held.NO_FALLBACK_ITEM))


def _income_account(connection: Connection, invoice: Invoice, lines: Lines) -> None:
    """Only a product that is not there yet needs one."""
    del invoice
    products = {line.product_id for line in lines if line.product_id}
    linked = ItemLink.objects.filter(connection=connection, product__in=products)
    if not connection.income_account_id and linked.count() < len(products):
        raise NotYet(Hold(Held.NO_INCOME_ACCOUNT))


_CHECKS: Final = (
    _open_books,
    _customer,
    _sellable,
    _discount,
    _tax_code,
    _free_text,
    _income_account,
)
