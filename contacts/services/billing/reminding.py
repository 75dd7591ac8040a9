"""A reminder of what is still to be paid. It belongs to the sale like the invoice itself, so it
goes whatever the contact's consent to broadcasts (R8), for one invoice at most once a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.clock import today
from contacts.models import Business, Invoice, Origin, RecordKind, User
from contacts.papers import invoice_pdf, pdf_name
from contacts.services import history, mail
from contacts.services.billing.emailing import PDF, money
from contacts.services.billing.errors import InvoicingError

PAUSE: Final = timedelta(days=1)


class NotRemindedError(InvoicingError):
    """No reminder left; the invoice is as it was."""


def why_not_remindable(invoice: Invoice) -> str:
    """Why no reminder can go now, for people; "" when one can."""
    if invoice.sent_at is None or invoice.voided_at is not None:
        return "Only an invoice that is sent and not void can be reminded of."
    if invoice.balance <= 0:
        return "Nothing is left to pay."
    if not invoice.contact.email:
        return f"{invoice.contact} has no email address."
    if invoice.reminded_at is not None and invoice.reminded_at > timezone.now() - PAUSE:
        return "A reminder went within the last day; the next one may go a day after it."
    return ""


def remind(invoice: Invoice, *, by: User | None = None, number: str = "") -> None:
    """Mail the contact what is open, with the invoice as a PDF, and note when.

    Pressed twice at once, it goes once. `number` as in `invoice_pdf`. NotRemindedError with what
    `why_not_remindable` says, and for a mail server that refuses.
    """
    if why_not := why_not_remindable(invoice):
        raise NotRemindedError(why_not)
    before = _claim(invoice)
    shown = number or invoice.number
    late = invoice.due_date is not None and invoice.due_date < today()
    name = Business.current().name
    try:
        mail.send(
            invoice.contact.email,
            f"Reminder: invoice {shown}".strip() + (f" from {name}" if name else ""),
            "reminder",
            {
                "invoice": invoice,
                "contact": invoice.contact,
                "number": shown,
                "late": late,
                "owed": money(invoice, invoice.balance),
            },
            [mail.Attachment(pdf_name(invoice, shown), invoice_pdf(invoice, number=shown), PDF)],
        )
    except OSError as error:
        Invoice.objects.filter(pk=invoice.pk).update(reminded_at=before)
        raise NotRemindedError(
            f"The reminder could not be sent to {invoice.contact.email}: the mail server did not "
            "take it. Try again in a while."
        ) from error
    history.record_changes(
        RecordKind.INVOICE,
        invoice.pk,
        {"reminded_at": (before, timezone.now())},
        Origin.CRM,
        by=by,
        note=f"To {invoice.contact.email}.",
    )


def _claim(invoice: Invoice) -> datetime | None:
    """Be the only one who reminds today; when it was done last."""
    now = timezone.now()
    with transaction.atomic():
        free = Invoice.objects.filter(
            Q(reminded_at=None) | Q(reminded_at__lte=now - PAUSE), pk=invoice.pk
        ).select_for_update()
        row = free.values_list("reminded_at").first()
        if row is None:
            raise NotRemindedError("Somebody has just sent a reminder.")
        Invoice.objects.filter(pk=invoice.pk).update(reminded_at=now)
    return row[0]
