"""The invoice in the customer's mailbox: mail that was asked for, whatever the consent (R8)."""

from __future__ import annotations

from contacts.models import Invoice, User
from contacts.services.billing.errors import InvoicingError


class NotEmailedError(InvoicingError):
    """The invoice did not leave by mail; its state is as it was."""


def email_invoice(invoice: Invoice, *, by: User | None = None) -> None:
    raise NotEmailedError("Emailing invoices is not available yet.")
