"""Numbers without gaps: each is drawn in the transaction that sends its invoice."""

from __future__ import annotations

from contacts.models import Business, Invoice, Origin


def draw_number() -> str:
    """The next invoice number, the caller's own from here on.

    Call it in a transaction: whoever draws next waits for its end, and a rollback gives the
    number back. A number that some invoice of ours has already is passed over.
    """
    Business.objects.get_or_create(pk=1)
    business = Business.objects.select_for_update().defer("logo").get(pk=1)
    number = business.next_invoice_number
    while _is_taken(f"{business.invoice_prefix}{number}"):
        number += 1
    business.next_invoice_number = number + 1
    business.save(update_fields=["next_invoice_number"])
    return f"{business.invoice_prefix}{number}"


def _is_taken(number: str) -> bool:
    return Invoice.objects.filter(number=number, origin=Origin.CRM).exists()
