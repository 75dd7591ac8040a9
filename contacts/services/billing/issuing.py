"""What makes an invoice count: sending it, settling it, voiding it. Each is one transaction."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from contacts.clock import today
from contacts.models import Invoice, Origin, Payment, RecordKind, User
from contacts.services import history
from contacts.services.billing.allocating import refuse_unpayable
from contacts.services.billing.emailing import email_invoice
from contacts.services.billing.errors import (
    NotSendableError,
    NotVoidableError,
    PaymentsApplyError,
)
from contacts.services.billing.numbers import draw_number
from contacts.services.billing.totals import NOTHING
from contacts.services.billing.writing import announce, locked
from contacts.services.payments import live_payments, record_payment, void_payment


def mark_sent(invoice: Invoice, *, by: User | None = None, email: bool = False) -> Invoice:
    """Issue a draft: it gets its number and counts from now on (R15). The invoice as it is now.

    Marked twice, it is sent once, and emailed once. With `email` the customer gets it as a PDF
    after the transaction; NotEmailedError then says what hindered that, and the invoice is sent
    all the same. NotSendableError where something is missing.
    """
    with transaction.atomic():
        current = locked(invoice)
        if current.sent_at is not None:
            return current
        if not current.lines.filter(amount__isnull=False).exists():
            raise NotSendableError("Add a line with a price first: there is nothing to pay yet.")
        current.sent_at = timezone.now()
        drawn = not current.number
        if drawn:
            current.number = draw_number()
        current.balance = current.total
        current.save(update_fields=["sent_at", "number", "balance", "updated_at"])
        changed: dict[str, tuple[object, object]] = {"sent_at": ("", current.sent_at.isoformat())}
        if drawn:
            changed["number"] = ("", current.number)
        history.record_changes(RecordKind.INVOICE, current.pk, changed, Origin.CRM, by=by)
        announce(current, frozenset({"sent_at"}))
    if email:
        email_invoice(current, by=by)
    return current


def mark_paid(
    invoice: Invoice,
    *,
    by: User | None = None,
    date: datetime.date | None = None,
    method: str = "",
    reference: str = "",
) -> Payment | None:
    """Send the invoice if it is a draft, then record what is left of it as paid.

    The payment, or None where nothing was left. NotSendableError and NotPayableError as in the
    two acts it stands for.
    """
    with transaction.atomic():
        current = mark_sent(invoice, by=by)
        current = locked(current)
        refuse_unpayable(current)
        if current.balance <= 0:
            return None
        return record_payment(
            current.contact,
            current.balance,
            date or today(),
            method=method,
            reference=reference,
            allocations={current: current.balance},
            by=by,
        )


def void_invoice(
    invoice: Invoice, *, by: User | None = None, reason: str = "", with_payments: bool = False
) -> None:
    """Take a sent invoice out of the books, keeping its lines and total; nothing is owed.

    Repeatable. PaymentsApplyError while live payments apply, unless `with_payments` voids them
    first; NotVoidableError for a draft and for an invoice of QuickBooks.
    """
    with transaction.atomic():
        if with_payments:
            # Payments are locked before invoices everywhere, so that nobody waits in a ring.
            list(
                Payment.objects.select_for_update()
                .filter(allocations__invoice=invoice)
                .order_by("pk")
            )
            for payment in live_payments(invoice):
                void_payment(payment, by=by, reason=reason)
        current = locked(invoice)
        if current.voided_at is not None:
            return
        if current.origin != Origin.CRM:
            raise NotVoidableError("This invoice was made in QuickBooks and is voided there.")
        if current.sent_at is None:
            raise NotVoidableError("A draft is not voided but deleted: nobody has seen it yet.")
        payments = live_payments(current)
        if payments:
            raise PaymentsApplyError(payments)
        before = current.balance
        current.voided_at = timezone.now()
        current.void_note = reason
        current.balance = NOTHING
        current.save(update_fields=["voided_at", "void_note", "balance", "updated_at"])
        history.record_changes(
            RecordKind.INVOICE,
            current.pk,
            {"voided_at": ("", current.voided_at.isoformat()), "balance": (before, NOTHING)},
            Origin.CRM,
            by=by,
            note=reason,
        )
        announce(current, frozenset({"voided_at"}))
