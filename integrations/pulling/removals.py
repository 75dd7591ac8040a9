"""What was deleted or merged away in QuickBooks (R13, R18; facts 2.7, 3.1)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from contacts.models import Invoice, RecordKind
from integrations.models import (
    CustomerLink,
    InvoiceLink,
    ItemLink,
    PaymentLink,
    SetAside,
    WebhookEvent,
)
from integrations.pulling import main_customer, payments
from integrations.pulling.addresses import move_transactions
from integrations.pulling.work import Work
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord, Tombstone

L = TypeVar("L", InvoiceLink, PaymentLink)

_NOTE = "Deleted in QuickBooks."


def apply_tombstones(work: Work, stones: Iterable[Tombstone]) -> None:
    """A deleted invoice is void here and never made again; a deleted payment pays nothing."""
    gone: dict[str, set[str]] = {InvoiceRecord.entity: set(), PaymentRecord.entity: set()}
    for stone in stones:
        if stone.kind in gone:
            gone[stone.kind].add(stone.external_id)
    for kind, ids in gone.items():
        if ids:
            SetAside.objects.filter(
                connection=work.connection, kind=kind, external_id__in=ids
            ).delete()
    _void_invoices(work, gone[InvoiceRecord.entity])
    _void_payments(work, gone[PaymentRecord.entity])


def apply_events(work: Work, events: Iterable[WebhookEvent]) -> None:
    """Apply the notifications that are work of their own: deletions and merges."""
    for event in events:
        if event.operation == "merged" and event.deleted_id:
            if event.kind == "Customer":
                _merge_customers(work, survivor=event.external_id, loser=event.deleted_id)
            elif event.kind == "Item":
                _let_go(work, ItemLink, event.deleted_id)
        elif event.operation == "deleted":
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
        balance=0, voided_at=work.now, void_note=_NOTE, updated_at=work.now
    )
    InvoiceLink.objects.filter(pk__in=[link.pk for link in links]).update(gone_at=work.now)
    work.tally.removed += len(links)


def _void_payments(work: Work, external_ids: set[str]) -> None:
    links = _live(work, PaymentLink, external_ids)
    if not links:
        return
    payments.forget_payments(work, links, _NOTE)
    PaymentLink.objects.filter(pk__in=[link.pk for link in links]).update(gone_at=work.now)
    work.tally.removed += len(links)


def _live(work: Work, model: type[L], ids: set[str]) -> list[L]:
    """The links of these that follow QuickBooks still: not frozen, not gone, rows locked."""
    if not ids:
        return []
    return list(
        model._default_manager.select_for_update()
        .filter(connection=work.connection, external_id__in=ids, frozen_at=None, gone_at=None)
        .order_by("id")
    )


def _merge_customers(work: Work, *, survivor: str, loser: str) -> None:
    """The loser's id is gone and its transactions are the survivor's; contacts stay two.

    Whether the contacts are one person is for a person to say.
    """
    lost = (
        CustomerLink.objects.select_for_update()
        .filter(connection=work.connection, external_id=loser, gone_at=None)
        .first()
    )
    SetAside.objects.filter(connection=work.connection, kind="Customer", external_id=loser).delete()
    for kind in (InvoiceRecord.entity, PaymentRecord.entity):
        SetAside.objects.filter(connection=work.connection, kind=kind, waits_for=loser).update(
            waits_for=survivor
        )
    if lost is None:
        return
    lost.gone_at = work.now
    lost.is_main = False
    lost.save(update_fields=["gone_at", "is_main"])
    for model in (InvoiceLink, PaymentLink):
        model.objects.filter(connection=work.connection, customer_id=loser).update(
            customer_id=survivor
        )
    if CustomerLink.objects.filter(connection=work.connection, external_id=survivor).exists():
        move_transactions(work, survivor)
    main_customer.choose_for(work, [lost.contact_id])
    work.tally.removed += 1


def _let_go(work: Work, model: type[ItemLink], external_id: str) -> None:
    model.objects.filter(connection=work.connection, external_id=external_id, gone_at=None).update(
        gone_at=work.now
    )
