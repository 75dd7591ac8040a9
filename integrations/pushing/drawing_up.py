"""A CRM invoice drawn up for QuickBooks: every reference known, every rule of R15-R17 met."""

from __future__ import annotations

from collections.abc import Sequence

from contacts.models import Contact, Invoice, InvoiceLine, ProductType, RecordKind
from integrations import assignments
from integrations.models import Connection, CustomerLink, ItemLink
from integrations.pulling.snapshots import customer_of
from integrations.pushing import books
from integrations.pushing.currency import named
from integrations.pushing.outcome import Held, Hold, NotYet, WaitFor
from integrations.quickbooks.outgoing.invoices import OutgoingInvoice, OutgoingLine
from integrations.session import Session


def draw_up(session: Session, connection: Connection, invoice: Invoice) -> OutgoingInvoice:
    """The invoice as it would be sent now. Raises NotYet with what has to happen first.

    Where customer and items are linked and the company is known, nothing is read.
    """
    if invoice.discount:
        books.allow_discount(session, connection)
    lines = list(invoice.lines.select_related("product").defer("product__words"))
    refuse_unsellable(lines)
    items = _items(connection, lines)
    customer = customer_in_currency(connection, invoice)
    missing = {line.product_id for line in lines if line.product_id} - items.keys()
    wanted = [(RecordKind.PRODUCT, product_id) for product_id in sorted(missing)]
    if customer is None:
        wanted.insert(0, (RecordKind.CONTACT, invoice.contact_id))
    if customer is None or wanted:
        raise NotYet(WaitFor(tuple(wanted)))
    tax = books.line_tax(session, connection)
    free_text = any(line.product_id is None and line.amount is not None for line in lines)
    fallback = books.fallback_item(connection) if free_text else None
    currency, at_home = named(connection, invoice.currency)
    return OutgoingInvoice(
        customer_id=customer.external_id,
        number=invoice.number if connection.company.get("custom_numbers") else "",
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        currency=currency,
        memo=invoice.memo,
        discount=invoice.discount,
        tax_code_id=tax.code_id,
        global_tax=tax.global_tax,
        lines=tuple(_line(line, items, fallback) for line in lines),
        class_id=assignments.chosen(connection, assignments.CLASS),
        line_class_id=assignments.chosen(connection, assignments.LINE_CLASS),
        location_id=assignments.chosen(connection, assignments.LOCATION),
        term_id=assignments.chosen(connection, assignments.TERMS),
        at_home=at_home,
    )


def customer_in_currency(connection: Connection, invoice: Invoice) -> CustomerLink | None:
    """The contact's customer in the invoice's currency, the main one first (R9).

    None while the contact is not linked. Raises NotYet if all its customers have other currencies.
    """
    links = list(
        CustomerLink.objects.filter(
            connection=connection, contact=invoice.contact_id, gone_at=None
        ).order_by("-is_main", "id")
    )
    if not links:
        if not Contact.objects.filter(pk=invoice.contact_id).exclude(email="").exists():
            raise NotYet(Hold(Held.NO_EMAIL))
        return None
    active = [link for link in links if link.active]
    if not active:
        raise NotYet(Hold(Held.INACTIVE_MATCH, {"name": links[0].display_name}))
    active = [link for link in active if not link.without_email]
    if not active:
        raise NotYet(Hold(Held.NO_EMAIL))
    fitting = [link for link in active if _currency(connection, link) == invoice.currency]
    if not fitting:
        raise NotYet(Hold(Held.OTHER_CURRENCY, {"currency": invoice.currency}))
    return fitting[0]


def _currency(connection: Connection, link: CustomerLink) -> str:
    return customer_of(link).currency or connection.home_currency


def refuse_unsellable(lines: Sequence[InvoiceLine]) -> None:
    """Raises NotYet for a product that no line over there can carry (R11)."""
    for product in (line.product for line in lines if line.product):
        if product.type == ProductType.BUNDLE:
            raise NotYet(Hold(Held.BUNDLE, {"name": str(product)}))
        if not product.active:
            raise NotYet(Hold(Held.INACTIVE_PRODUCT, {"name": str(product)}))


def _items(connection: Connection, lines: list[InvoiceLine]) -> dict[int, str]:
    products = {line.product_id for line in lines if line.product_id}
    links = ItemLink.objects.filter(connection=connection, product__in=products, gone_at=None)
    return dict(links.values_list("product", "external_id"))


def _line(line: InvoiceLine, items: dict[int, str], fallback: str | None) -> OutgoingLine:
    return OutgoingLine(
        item_id=items[line.product_id] if line.product_id else fallback,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
    )
