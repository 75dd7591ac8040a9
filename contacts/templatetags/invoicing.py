"""What can be done to an invoice or for a contact, as buttons. `{% load invoicing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import RequestContext

from contacts.clock import today
from contacts.models import Invoice, Origin
from contacts.services.invoicing import why_not_editable

register = template.Library()


@register.inclusion_tag("invoicing/actions.html", takes_context=True)
def invoice_actions(context: RequestContext, invoice: Invoice) -> dict[str, Any]:
    """Only what applies to the invoice as it is: the main act as a button, the rest in a menu."""
    live = invoice.voided_at is None
    issued = live and invoice.sent_at is not None
    ours = invoice.origin == Origin.CRM
    return {
        "invoice": invoice,
        "csrf_token": context.get("csrf_token"),
        "is_draft": live and invoice.sent_at is None,
        "can_edit": not why_not_editable(invoice),
        "can_pay": issued and invoice.balance > 0,
        "can_email": issued and bool(invoice.contact.email),
        "can_remind": issued and invoice.balance > 0 and bool(invoice.contact.email),
        "is_late": invoice.due_date is not None and invoice.due_date < today(),
        "can_void": issued and ours,
    }
