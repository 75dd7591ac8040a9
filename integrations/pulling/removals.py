"""What was deleted or merged away in QuickBooks (R13, R18; facts 2.7, 3.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from contacts.models import Contact, Invoice, RecordKind
from integrations.models import (
    CustomerLink,
    InvoiceLink,
    ItemLink,
    PaymentLink,
    SetAside,
    WebhookEvent,
)
from integrations.pulling import main_customer, payment_writes
from integrations.pulling.following import follow_customers
from integrations.pulling.locks import locked
from integrations.pulling.work import Work
from integrations.quickbooks.records import (
    CustomerRecord,
    InvoiceRecord,
    ItemRecord,
    PaymentRecord,
    Tombstone,
)

L = TypeVar("L", InvoiceLink, PaymentLink)

_NOTE = "Deleted in QuickBooks."
_TRANSACTIONS = frozenset({InvoiceRecord.entity, PaymentRecord.entity})


def apply_tombstones(work: Work, stones: Iterable[Tombstone]) -> None:
    """A deleted invoice is void here and never made again; a deleted payment pays nothing."""
    gone: dict[str, set[str]] = defaultdict(set)
    for stone in stones:
        gone[stone.kind].add(stone.external_id)
    for kind, ids in gone.items():
        SetAside.objects.filter(connection=work.connection, kind=kind, external_id__in=ids).delete()
    _void_invoices(work, gone[InvoiceRecord.entity])
    _void_payments(work, gone[PaymentRecord.entity])
    _drop_customers(work, gone[CustomerRecord.entity])
    _drop_items(work, gone[ItemRecord.entity])


def apply_events(work: Work, events: Iterable[WebhookEvent]) -> None:
    """Apply the notifications that are work of their own: deletions and merges."""
    for event in events:
        if event.operation == "merged" and event.deleted_id:
            if event.kind == CustomerRecord.entity:
                _merge_customers(work, survivor=event.external_id, loser=event.deleted_id)
            elif event.kind == ItemRecord.entity:
                _drop_items(work, {event.deleted_id})
        elif event.operation == "deleted" and event.kind in _TRANSACTIONS:
            # Name lists say "deleted" when they mean inactive (facts 3.2).
            apply_tombstones(work, [Tombstone(event.kind, event.external_id, event.at)])


def _void_invoices(work: Work, external_ids: set[str]) -> None:
    links = _live(work, InvoiceLink, external_ids)
    if not links:
        return
    ids = [link.invoice_id for link in links]
    for invoice_id, balance in Invoice.objects.filter(pk__in=ids, voided_at=None).values_list(
        "pk", "balance"
    ):
        work.note_change(RecordKind.INVOICE, invoice_id, "balance", balance, Decimal(0), _NOTE)
    Invoice.objects.filter(pk__in=ids).update(
        balance=0, credited=0, voided_at=work.now, void_note=_NOTE, updated_at=work.now
    )
    InvoiceLink.objects.filter(pk__in=[link.pk for link in links]).update(gone_at=work.now)
    work.tally.removed += len(links)


def _void_payments(work: Work, external_ids: set[str]) -> None:
    links = _live(work, PaymentLink, external_ids)
    if not links:
        return
    payment_writes.forget_payments(work, links, _NOTE)
    PaymentLink.objects.filter(pk__in=[link.pk for link in links]).update(gone_at=work.now)
    work.tally.removed += len(links)


def _live(work: Work, model: type[L], ids: set[str]) -> list[L]:
    """The links of these that follow QuickBooks still: not frozen, not gone, rows locked."""
    if not ids:
        return []
    return list(
        model._default_manager.select_for_update(no_key=True)
        .filter(connection=work.connection, external_id__in=ids, frozen_at=None, gone_at=None)
        .order_by("id")
    )


def _merge_customers(work: Work, *, survivor: str, loser: str) -> None:
    """The loser's id is gone and its transactions are the survivor's; contacts stay two.

    Whether the contacts are one person is for a person to say. The loser's link stands for the
    survivor's contact from now on: rows that still name the loser lead there.
    """
    SetAside.objects.filter(connection=work.connection, kind="Customer", external_id=loser).delete()
    for kind in (InvoiceRecord.entity, PaymentRecord.entity):
        SetAside.objects.filter(connection=work.connection, kind=kind, waits_for=loser).update(
            waits_for=survivor
        )
    for model in (InvoiceLink, PaymentLink):
        model.objects.filter(connection=work.connection, customer_id=loser).update(
            customer_id=survivor
        )
    links = _customer_links(work, {survivor, loser})
    lost, kept = links.get(loser), links.get(survivor)
    if lost is not None and lost.gone_at is None:
        left = lost.contact_id
        _let_go_of_customer(work, lost, kept)
        main_customer.choose_for(work, [left])
    follow_customers(work, {survivor})


def _customer_links(work: Work, external_ids: set[str]) -> dict[str, CustomerLink]:
    """These links, locked after their contacts."""
    mine = CustomerLink.objects.filter(connection=work.connection, external_id__in=external_ids)
    locked(Contact, mine.values("contact"))
    return {link.external_id: link for link in mine.select_for_update(no_key=True).order_by("id")}


def _let_go_of_customer(work: Work, lost: CustomerLink, kept: CustomerLink | None) -> None:
    note = f"Customer {lost.display_name} was merged into another one in QuickBooks."
    work.note_change(RecordKind.CONTACT, lost.contact_id, "", "", "", note)
    lost.gone_at, lost.is_main = work.now, False
    if kept is not None:
        lost.contact_id = kept.contact_id
    lost.save(update_fields=["gone_at", "is_main", "contact"])
    work.tally.removed += 1


def _drop_customers(work: Work, external_ids: set[str]) -> None:
    """Customers that CDC calls deleted were merged away, into whom only their event says."""
    links = _customer_links(work, external_ids) if external_ids else {}
    lost = [link for link in links.values() if link.gone_at is None]
    for link in lost:
        _let_go_of_customer(work, link, None)
    if lost:
        main_customer.choose_for(work, {link.contact_id for link in lost})


def _drop_items(work: Work, external_ids: set[str]) -> None:
    ItemLink.objects.filter(
        connection=work.connection, external_id__in=external_ids, gone_at=None
    ).update(gone_at=work.now)
