"""Where the money of a payment in QuickBooks went, and the shares that say so here (R18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef

from contacts.models import Allocation
from integrations import bulk
from integrations.models import InvoiceLink
from integrations.pulling.work import Work
from integrations.quickbooks.records import InvoiceRecord, PaymentRecord


@dataclass(frozen=True, slots=True)
class Split:
    """Where a payment's money went: to invoices here, elsewhere, or nowhere yet."""

    to_invoices: tuple[tuple[int, Decimal], ...]
    elsewhere: Decimal

    def without(self, kept: Decimal) -> Split:
        """The same, where a part of what is elsewhere stays on frozen invoices."""
        return Split(self.to_invoices, max(self.elsewhere - kept, Decimal(0)))


def split(record: PaymentRecord, invoice_of: Mapping[str, int]) -> Split:
    """Divide what was received. Credits among its lines brought no money of their own.

    A payment of 60 with a credit of 40 settles an invoice of 100: 60 are paid here, and the
    invoice shows the other 40 as credited.
    """
    left = record.amount - record.unapplied
    elsewhere = sum(
        (
            applied.amount
            for applied in record.applied
            if applied.txn_type == "Invoice" and applied.invoice_id not in invoice_of
        ),
        Decimal(0),
    )
    elsewhere = min(elsewhere, left)
    left -= elsewhere
    shares: dict[int, Decimal] = {}
    for applied in record.applied:
        if applied.txn_type == "Invoice" and applied.invoice_id in invoice_of:
            share = min(applied.amount, left)
            left -= share
            if share > 0:
                invoice_id = invoice_of[applied.invoice_id]
                shares[invoice_id] = shares.get(invoice_id, Decimal(0)) + share
    return Split(tuple(shares.items()), elsewhere + left)


def paid_invoices(record: PaymentRecord) -> set[str]:
    """The invoices that it pays, by their ids there."""
    return {
        applied.invoice_id for applied in record.applied if applied.txn_type == InvoiceRecord.entity
    }


def live_invoices(work: Work, external_ids: set[str]) -> dict[str, int]:
    """The invoices here that still follow QuickBooks, by their id there."""
    if not external_ids:
        return {}
    return dict(
        InvoiceLink.objects.filter(
            connection=work.connection, external_id__in=external_ids, frozen_at=None
        ).values_list("external_id", "invoice")
    )


def write_shares(work: Work, shares: list[tuple[int, int, Decimal]]) -> None:
    bulk.insert(Allocation, ("payment", "invoice", "amount"), shares)
    work.touched_invoices.update(invoice_id for _, invoice_id, _ in shares)


def forget_shares(work: Work, payment_ids: Collection[int]) -> dict[int, Decimal]:
    """Take back what these payments gave to invoices.

    A frozen invoice keeps what it has (R19); returns how much of each payment stays there.
    """
    shares = Allocation.objects.filter(payment__in=payment_ids)
    frozen = Exists(
        InvoiceLink.objects.filter(
            connection=work.connection, invoice=OuterRef("invoice"), frozen_at__isnull=False
        )
    )
    kept: dict[int, Decimal] = {}
    for payment_id, amount in shares.filter(frozen).values_list("payment", "amount"):
        kept[payment_id] = kept.get(payment_id, Decimal(0)) + amount
    gone = shares.exclude(frozen)
    work.touched_invoices.update(gone.values_list("invoice", flat=True))
    gone.delete()
    return kept
