"""Invoices as PDF, with the business's identity on them.

What draws them is imported with the first one: it takes a quarter of the time in which crmsync
starts, and memory that a process which draws none can spare.
"""

from __future__ import annotations

import re

from contacts.models import Invoice


def invoice_pdf(invoice: Invoice, *, number: str = "") -> bytes:
    """The invoice as it stands now, on letter paper or A4 by the business's currency.

    `number` is shown where the invoice has none of its own.
    """
    from contacts.papers.invoice import drawn

    return drawn(invoice, number)


def pdf_name(invoice: Invoice, number: str = "") -> str:
    """A file name that every system takes."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", number or invoice.number).strip("-.")
    return f"invoice-{plain}.pdf" if plain else f"invoice-draft-{invoice.pk}.pdf"
