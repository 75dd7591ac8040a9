"""Why something cannot be done to an invoice, each with the sentence that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from contacts.models import Payment


class InvoicingError(Exception):
    """What was asked for is refused and nothing was changed; `str()` says why to a person."""


class NotEditableError(InvoicingError):
    """The invoice, or what was to be changed of it, is read-only here."""


class NotADraftError(InvoicingError):
    """Only drafts are deleted: anything else is voided, so that its number stays explained."""

    def __init__(self) -> None:
        super().__init__("Only a draft can be deleted. This one was sent; it can be voided.")


class NotSendableError(InvoicingError):
    """The draft lacks something that an invoice has to have."""


class NotVoidableError(InvoicingError):
    """A draft is deleted instead, and QuickBooks voids its own."""


class AmountsError(InvoicingError):
    """The figures cannot stand as they are."""


class TotalBelowPaidError(AmountsError):
    """The edit would leave less than has been paid already."""

    def __init__(self, paid: Decimal, total: Decimal) -> None:
        super().__init__(
            f"{paid:,.2f} of this invoice has been paid or credited already, so its total cannot "
            f"become {total:,.2f}. Change or void the payments first."
        )
        self.paid = paid


class PaymentsApplyError(InvoicingError):
    """Live payments pay for the invoice; they have to be voided or moved first."""

    def __init__(self, payments: Sequence[Payment]) -> None:
        several = len(payments) != 1
        super().__init__(
            f"{len(payments)} payment{'s' if several else ''} still "
            f"appl{'y' if several else 'ies'} to this invoice. "
            f"Void {'them' if several else 'it'} first."
        )
        self.payments = list(payments)
