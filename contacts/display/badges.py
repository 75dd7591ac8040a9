"""States as a bookkeeper reads them: always an icon and a word, never colour alone."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.clock import today
from contacts.display.icons import icon
from contacts.models import Contact, Invoice, InvoiceStatus, MarketingStatus
from contacts.record_states import RecordState

_INVOICE_LOOKS = {
    InvoiceStatus.DRAFT: ("muted", "draft"),
    InvoiceStatus.OPEN: ("waiting", "open"),
    InvoiceStatus.PARTIAL: ("waiting", "partial"),
    InvoiceStatus.OVERDUE: ("failed", "waiting"),
    InvoiceStatus.PAID: ("ok", "ok"),
    InvoiceStatus.VOID: ("muted", "void"),
}

_MARKETING_LOOKS = {
    MarketingStatus.NON_MARKETABLE: ("muted", "muted"),
    MarketingStatus.WAITING: ("waiting", "waiting"),
    MarketingStatus.MARKETABLE: ("ok", "ok"),
    MarketingStatus.UNSUBSCRIBED: ("held", "skipped"),
}


def badge(tone: str, drawing: str, word: str, title: str = "") -> SafeString:
    """A word with its icon on the tint of its tone (ok, waiting, held, failed, muted)."""
    return format_html(
        '<span class="badge-state tone-{}"{}>{}{}</span>',
        tone,
        format_html(' title="{}"', title) if title else "",
        icon(drawing),
        word,
    )


def state_badge(state: RecordState) -> SafeString:
    """A record's sync state; the reason, where there is one, in the title."""
    drawing = {"Frozen": "frozen", "Skipped": "skipped"}.get(state.label, state.tone)
    return badge(state.tone, drawing, state.label, state.reason)


def invoice_badge(invoice: Invoice) -> SafeString:
    """An invoice's status today, on the company's calendar."""
    status = invoice.status(today())
    tone, drawing = _INVOICE_LOOKS[status]
    return badge(tone, drawing, str(status.label))


def marketing_badge(contact: Contact) -> SafeString:
    """Whether broadcasts may reach the contact (R8)."""
    status = MarketingStatus(contact.marketing_status)
    tone, drawing = _MARKETING_LOOKS[status]
    return badge(tone, drawing, str(status.label))
