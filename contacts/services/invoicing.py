"""Everything a person does to an invoice: `contacts.services.billing` holds how."""

from __future__ import annotations

from contacts.services.billing.authoring import (
    copy_as_new,
    create_draft,
    delete_draft,
    lines_of_invoice,
    update_invoice,
    why_not_editable,
)
from contacts.services.billing.emailing import NotEmailedError, email_invoice
from contacts.services.billing.errors import (
    AmountsError,
    InvoicingError,
    NotADraftError,
    NotEditableError,
    NotSendableError,
    NotVoidableError,
    PaymentsApplyError,
    TotalBelowPaidError,
)
from contacts.services.billing.issuing import mark_paid, mark_sent, void_invoice
from contacts.services.billing.reminding import NotRemindedError, remind, why_not_remindable
from contacts.services.billing.totals import NOTHING, Line, Totals, totals_of

__all__ = [
    "NOTHING",
    "AmountsError",
    "InvoicingError",
    "Line",
    "NotADraftError",
    "NotEditableError",
    "NotEmailedError",
    "NotRemindedError",
    "NotSendableError",
    "NotVoidableError",
    "PaymentsApplyError",
    "TotalBelowPaidError",
    "Totals",
    "copy_as_new",
    "create_draft",
    "delete_draft",
    "email_invoice",
    "lines_of_invoice",
    "mark_paid",
    "mark_sent",
    "remind",
    "totals_of",
    "update_invoice",
    "void_invoice",
    "why_not_editable",
    "why_not_remindable",
]
