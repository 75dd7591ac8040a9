"""Invoices as PDF, with the business's identity on them."""

from __future__ import annotations

from contacts.papers.invoice import invoice_pdf, pdf_name

__all__ = ["invoice_pdf", "pdf_name"]
