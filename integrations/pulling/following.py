"""Invoices and payments belong to the contact that their customer is linked to (R5)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection as database
from django.db.models import Model

from contacts.models import Invoice, Payment, RecordKind
from integrations import bulk
from integrations.models import CustomerLink, InvoiceLink, PaymentLink
from integrations.pulling.work import Work


def follow_customers(work: Work, customer_ids: Collection[str] | None = None) -> None:
    """Move what belongs to these customers (None: to all) to the contacts they are linked to."""
    if customer_ids is None or customer_ids:
        _follow(work, RecordKind.PAYMENT, Payment, PaymentLink, customer_ids)
        _follow(work, RecordKind.INVOICE, Invoice, InvoiceLink, customer_ids)


def _follow(
    work: Work,
    kind: RecordKind,
    model: type[Invoice | Payment],
    links: type[Model],
    customer_ids: Collection[str] | None,
) -> None:
    table = model._meta.db_table
    only = "" if customer_ids is None else " AND customer.external_id = ANY(%s)"
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT record.id, record.contact_id, customer.contact_id"  # noqa: S608 (our names)
            f" FROM {links._meta.db_table} link"
            f" JOIN {CustomerLink._meta.db_table} customer"
            " ON customer.connection_id = link.connection_id"
            " AND customer.external_id = link.customer_id"
            f" JOIN {table} record ON record.id = link.{kind.value}_id"
            " WHERE link.connection_id = %s AND record.contact_id <> customer.contact_id"
            f"{only} ORDER BY record.id FOR UPDATE OF record",
            [work.connection.pk, *([] if customer_ids is None else [list(customer_ids)])],
        )
        moving = cursor.fetchall()
    for record_id, before, after in moving:
        work.note_change(kind, record_id, "contact", before, after, "Its customer moved.")
    bulk.update(model, ("id", "contact"), [(each, after) for each, _, after in moving])
    work.tally.updated += len(moving)
