"""The daily sweep: what QuickBooks lacks and no outbox entry stands for is enqueued.

An edit and its entry are saved together, so mostly nothing is found. It is for what is edited past
the services: by a database restored in part, by a person at its prompt, by a bug of ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts.models import Allocation, Invoice, Origin, Payment, ProductType, RecordKind
from integrations import attention, outbox
from integrations.models import (
    Cause,
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    OutboxEntry,
    PaymentLink,
)
from integrations.pulling import contact_fields, product_fields
from integrations.pulling.snapshots import UnreadableSnapshot
from integrations.pushing import invoices, payments
from integrations.quickbooks.outgoing.items import sendable
from integrations.unsent import unsent_fields

EVERY: Final = timedelta(days=1)
WORK_SECONDS: Final = 45.0
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class _List:
    """Rows to go through by their key. `record` names the column with the record's id."""

    kind: RecordKind
    record: str
    rows: Callable[[Connection], QuerySet[Any]]
    lacks: Callable[[Connection, Any], bool]


def begin(connection: Connection) -> bool:
    """Whether the day's sweep is due and now the caller's: of several one is told so."""
    now = timezone.now()
    if connection.swept_at > now - EVERY:
        return False
    due = Connection.objects.filter(pk=connection.pk, swept_at__lte=now - EVERY)
    return bool(due.update(swept_at=now))


def sweep(connection: Connection, number: int, after: int) -> tuple[int, int] | None:
    """Go on behind the row `after` of the list `number`, as long as a task may.

    Returns where the next task goes on; None at the end. Nothing is read from QuickBooks.
    """
    until = time.monotonic() + WORK_SECONDS
    for place in range(number, len(_LISTS)):
        while (last := _batch(connection, _LISTS[place], after)) is not None:
            after = last
            if time.monotonic() > until:
                return place, after
        after = 0
    return None


def _batch(connection: Connection, these: _List, after: int) -> int | None:
    """Enqueue what is lacking among the next rows; the key of the last, None if there are none."""
    entry = OutboxEntry.objects.filter(
        connection=connection, kind=these.kind, record_id=OuterRef(these.record)
    )
    rows = list(these.rows(connection).filter(~Exists(entry), pk__gt=after).order_by("pk")[:_BATCH])
    told = _shown_as_not_taken(connection)
    for row in rows:
        record_id = getattr(row, these.record)
        if outbox.named(these.kind, record_id) not in told and _lacks(these, connection, row):
            outbox.enqueue(connection, these.kind, record_id)
    return rows[-1].pk if rows else None


def _lacks(these: _List, connection: Connection, row: Model) -> bool:
    try:
        return these.lacks(connection, row)
    except UnreadableSnapshot:
        # Its snapshot cannot be read any more: the next pull of it says so.
        return False


def _shown_as_not_taken(connection: Connection) -> set[str]:
    """What QuickBooks did not take is shown to a person and not sent for ever (R15)."""
    items = attention.open_items().filter(connection=connection, cause=Cause.NOT_TAKEN)
    return set(items.values_list("key", flat=True))


def _contacts(connection: Connection) -> QuerySet[CustomerLink]:
    return CustomerLink.objects.filter(
        connection=connection, is_main=True, without_email=False, gone_at=None, frozen_at=None
    ).select_related("contact")


def _contact_lacks(connection: Connection, link: CustomerLink) -> bool:
    del connection
    here = contact_fields.here(link.contact)
    return bool(unsent_fields(RecordKind.CONTACT, here, link.snapshot, link.apart))


def _products(connection: Connection) -> QuerySet[ItemLink]:
    links = ItemLink.objects.filter(connection=connection, gone_at=None, frozen_at=None)
    return links.exclude(product__type=ProductType.BUNDLE).select_related("product")


def _product_lacks(connection: Connection, link: ItemLink) -> bool:
    here = product_fields.here(link.product)
    unsent = unsent_fields(RecordKind.PRODUCT, here, link.snapshot, link.apart)
    return bool(sendable(unsent, country=connection.country))


def _new_invoices(connection: Connection) -> QuerySet[Invoice]:
    """R14, R15: marked sent, made since *invoices since*, not there."""
    linked = InvoiceLink.objects.filter(connection=connection, invoice=OuterRef("pk"))
    return Invoice.objects.filter(
        ~Exists(linked),
        origin=Origin.CRM,
        sent_at__isnull=False,
        voided_at=None,
        created_at__gte=connection.invoices_since_here,
    ).defer("words")


def _linked_invoices(connection: Connection) -> QuerySet[InvoiceLink]:
    links = InvoiceLink.objects.filter(
        connection=connection, gone_at=None, frozen_at=None, invoice__origin=Origin.CRM
    )
    return links.select_related("invoice").defer("invoice__words")


def _payments(connection: Connection) -> QuerySet[Payment]:
    """Those made here for invoices that are there or going, and QuickBooks' own that were changed
    here since."""
    live = {"connection": connection, "gone_at": None, "frozen_at": None}
    link = PaymentLink.objects.filter(**live, payment=OuterRef("pk"))
    edited = link.filter(in_step_since__lt=OuterRef("updated_at"))
    there = InvoiceLink.objects.filter(**live).values("invoice")
    going = OutboxEntry.objects.filter(connection=connection, kind=RecordKind.INVOICE)
    shares = Allocation.objects.filter(payment=OuterRef("pk"))
    paying = shares.filter(Q(invoice__in=there) | Q(invoice__in=going.values("record_id")))
    ours = Q(origin=Origin.CRM) & (Exists(link) | Exists(paying))
    return Payment.objects.filter(ours | Exists(edited))


_LISTS: Final[Sequence[_List]] = (
    _List(RecordKind.CONTACT, "contact_id", _contacts, _contact_lacks),
    _List(RecordKind.PRODUCT, "product_id", _products, _product_lacks),
    _List(RecordKind.INVOICE, "id", _new_invoices, lambda connection, invoice: True),
    _List(
        RecordKind.INVOICE,
        "invoice_id",
        _linked_invoices,
        lambda connection, link: invoices.lacks(connection, link.invoice, link),
    ),
    _List(RecordKind.PAYMENT, "id", _payments, payments.lacks),
)
