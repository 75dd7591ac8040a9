"""Money received: recorded, changed, voided. Each function is one transaction (R18)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, Invoice, Origin, Payment, RecordKind, User
from contacts.services import history
from contacts.services.billing.allocating import (
    MoreThanOwedError,
    NotPayableError,
    PaymentError,
    ReadOnlyPaymentError,
    locked_invoices,
    one_currency,
    refuse_amount,
    refuse_unpayable,
    said,
    shares_of,
    write_shares,
)
from contacts.services.billing.totals import NOTHING
from contacts.signals import record_changed

__all__ = [
    "MoreThanOwedError",
    "NotPayableError",
    "PaymentError",
    "ReadOnlyPaymentError",
    "live_payments",
    "record_payment",
    "update_payment",
    "void_payment",
    "why_read_only",
]

#: What a person may change of a payment besides the invoices that it pays.
FIELDS = ("amount", "date", "method", "reference", "note")


def record_payment(
    contact: Contact,
    amount: Decimal,
    date: datetime.date,
    *,
    method: str = "",
    reference: str = "",
    note: str = "",
    allocations: Mapping[Invoice, Decimal],
    by: User | None = None,
    more_than_owed: bool = False,
    entered_as: UUID | None = None,
) -> Payment:
    """Money from `contact`, divided among invoices of theirs in one currency (R18).

    What is not divided stays unapplied. Shown balances fall at once, those of QuickBooks' own
    invoices too; its answer settles them. MoreThanOwedError where a part exceeds the balance;
    with `more_than_owed` the balance is paid and the rest stays unapplied. Entered twice under
    one `entered_as`, it is one payment (R16). NotPayableError, PaymentError for impossible amounts.
    """
    with transaction.atomic():
        _hold(contact)
        owing = locked_invoices(allocations)
        again = entered_as and Payment.objects.filter(entered_as=entered_as).first()
        if again:
            return again
        currency = one_currency(owing.values())
        for invoice in owing.values():
            refuse_unpayable(invoice, contact)
        shares = shares_of(allocations, owing, {}, more_than_owed)
        refuse_amount(amount, shares)
        payment, is_new = Payment.objects.get_or_create(
            entered_as=entered_as or uuid4(),
            defaults={
                "contact": contact,
                "amount": amount,
                "date": date,
                "currency": currency,
                "unapplied": amount - sum(shares.values(), NOTHING),
                "method": method,
                "reference": reference,
                "note": note,
            },
        )
        if not is_new:
            return payment
        write_shares(payment, {}, shares, owing, by)
        history.record_changes(
            RecordKind.PAYMENT,
            payment.pk,
            {history.CREATED: ("", f"{amount:,.2f} {currency}")},
            Origin.CRM,
            by=by,
        )
        _announce(payment, frozenset({"created"}))
    return payment


def update_payment(
    payment: Payment,
    changes: Mapping[str, Any],
    *,
    by: User | None = None,
    more_than_owed: bool = False,
) -> frozenset[str]:
    """Write `changes` (names of FIELDS and "allocations", as one unit) and nothing else.

    The names that changed. ReadOnlyPaymentError for a void payment and one with parts elsewhere,
    otherwise as `record_payment`.
    """
    with transaction.atomic():
        current = _locked(payment)
        changed = {
            name: (getattr(current, name), changes[name])
            for name in FIELDS
            if name in changes and getattr(current, name) != changes[name]
        }
        before = {a.invoice_id: a.amount for a in current.allocations.all()}
        wanted: Mapping[Invoice, Decimal] | None = changes.get("allocations")
        if not changed and wanted is None:
            return frozenset()
        reason = why_read_only(current)
        if reason:
            raise ReadOnlyPaymentError(reason)
        amount = changes.get("amount", current.amount)
        shares = before
        if wanted is not None:
            owing = locked_invoices(wanted, also=before)
            for invoice in (owing[invoice.pk] for invoice in wanted):
                if invoice.pk not in before:
                    refuse_unpayable(invoice, current.contact)
            if owing and one_currency(owing.values()) != current.currency:
                raise PaymentError("A payment is in one currency, and so are its invoices.")
            shares = shares_of(wanted, owing, before, more_than_owed)
            if shares != before:
                changed["allocations"] = (said(before, owing), said(shares, owing))
                write_shares(current, before, shares, owing, by)
        refuse_amount(amount, shares)
        unapplied = amount - sum(shares.values(), NOTHING)
        if unapplied != current.unapplied:
            changed["unapplied"] = (current.unapplied, unapplied)
        if not changed:
            return frozenset()
        columns = [name for name in changed if name != "allocations"]
        for name in columns:
            setattr(current, name, changed[name][1])
        current.save(update_fields=[*columns, "updated_at"])
        history.record_changes(RecordKind.PAYMENT, current.pk, changed, Origin.CRM, by=by)
        _announce(current, frozenset(changed))
    return frozenset(changed)


def void_payment(payment: Payment, *, by: User | None = None, reason: str = "") -> None:
    """Take the payment back: its invoices owe again what it paid of them. Repeatable.

    ReadOnlyPaymentError where parts of it went to something that only QuickBooks holds.
    """
    with transaction.atomic():
        current = _locked(payment)
        if current.voided_at is not None:
            return
        why = why_read_only(current)
        if why:
            raise ReadOnlyPaymentError(why)
        before = {a.invoice_id: a.amount for a in current.allocations.all()}
        owing = locked_invoices({}, also=before)
        write_shares(current, before, {}, owing, by)
        current.voided_at = timezone.now()
        current.void_note = reason
        current.save(update_fields=["voided_at", "void_note", "updated_at"])
        history.record_changes(
            RecordKind.PAYMENT,
            current.pk,
            {
                "voided_at": ("", current.voided_at.isoformat()),
                "allocations": (said(before, owing), ""),
            },
            Origin.CRM,
            by=by,
            note=reason,
        )
        _announce(current, frozenset({"voided_at"}))


def live_payments(invoice: Invoice) -> list[Payment]:
    """What pays for the invoice now, oldest first."""
    return list(
        Payment.objects.filter(allocations__invoice=invoice, voided_at=None).order_by("date", "pk")
    )


def why_read_only(payment: Payment) -> str:
    """The reason in a sentence, or nothing where the payment may be changed here."""
    if payment.voided_at is not None:
        return "A void payment stays as it was."
    if payment.elsewhere:
        return (
            "Part of this payment went to something that only QuickBooks holds, so it is "
            "changed there."
        )
    return ""


def _hold(contact: Contact) -> None:
    """Before any invoice of theirs, as whoever merges contacts does."""
    held = Contact.objects.select_for_update(no_key=True).filter(pk=contact.pk)
    if not held.values_list("pk", flat=True):
        raise PaymentError(f"{contact} was merged into another contact. Open that one instead.")


def _locked(payment: Payment) -> Payment:
    return (
        Payment.objects.select_for_update(of=("self",))
        .select_related("contact")
        .defer("contact__words")
        .get(pk=payment.pk)
    )


def _announce(payment: Payment, fields: frozenset[str]) -> None:
    record_changed.send(Payment, record=payment, fields=fields, origin=Origin.CRM)
