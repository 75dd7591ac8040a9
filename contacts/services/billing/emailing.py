"""The invoice in the customer's mailbox. It is part of a sale and not advertising, so it goes to
every contact with an address, whatever their consent to broadcasts (R8)."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from contacts.display.amounts import plain_amount
from contacts.models import Business, Invoice, Origin, RecordKind, User
from contacts.papers import invoice_pdf, pdf_name
from contacts.services import history, mail
from contacts.services.billing.errors import InvoicingError
from contacts.services.billing.writing import locked

PDF = "application/pdf"


class NotEmailedError(InvoicingError):
    """The invoice did not leave by mail; it is as it was."""


def email_invoice(invoice: Invoice, *, by: User | None = None, number: str = "") -> None:
    """Mail the invoice to its contact as a PDF, and note when. Every call is one mail.

    Takes no lock while the mail server is spoken to. `number` as in `invoice_pdf`. NotEmailedError
    for a draft, a void invoice, a contact without an address, and a mail server that refuses.
    """
    contact = invoice.contact
    if invoice.sent_at is None or invoice.voided_at is not None:
        raise NotEmailedError("Only an invoice that is sent and not void can be emailed.")
    if not contact.email:
        raise NotEmailedError(f"{contact} has no email address, so it was not emailed.")
    name = Business.current().name
    shown = number or invoice.number
    try:
        mail.send(
            contact.email,
            f"Invoice {shown}".strip() + (f" from {name}" if name else ""),
            "invoice",
            {
                "invoice": invoice,
                "contact": contact,
                "number": shown,
                "total": money(invoice, invoice.total),
                "owed": money(invoice, invoice.balance) if invoice.balance > 0 else "",
            },
            [mail.Attachment(pdf_name(invoice, shown), invoice_pdf(invoice, number=shown), PDF)],
        )
    except OSError as error:
        raise NotEmailedError(
            f"It could not be emailed to {contact.email}: the mail server did not take it. "
            "Try again from the invoice's page."
        ) from error
    with transaction.atomic():
        current = locked(invoice)
        before, current.emailed_at = current.emailed_at, timezone.now()
        current.save(update_fields=["emailed_at", "updated_at"])
        history.record_changes(
            RecordKind.INVOICE,
            current.pk,
            {"emailed_at": (before, current.emailed_at)},
            Origin.CRM,
            by=by,
            note=f"To {contact.email}.",
        )


def money(invoice: Invoice, amount: Decimal) -> str:
    """As mails write it: `1,234.50 USD`."""
    return f"{plain_amount(amount, invoice.currency)} {invoice.currency}"
