"""The invoice as a PDF, to keep or to email."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.models import Invoice, RecordKind
from contacts.papers import invoice_pdf, pdf_name
from contacts.record_states import NOT_SYNCED, states_of
from contacts.services.invoicing import (
    NotEmailedError,
    NotRemindedError,
    email_invoice,
    why_not_remindable,
)
from contacts.services.invoicing import remind as send_reminder
from contacts.views.signed_in import person_of


@require_safe
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF to download, with the number that QuickBooks gave where we gave none."""
    invoice = _invoice(pk)
    number = _number(invoice)
    response = HttpResponse(invoice_pdf(invoice, number=number), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{pdf_name(invoice, number)}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """Email a sent invoice, for the first time or again."""
    invoice = _invoice(pk)
    if request.method == "POST":
        try:
            email_invoice(invoice, by=person_of(request), number=_number(invoice))
        except NotEmailedError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{invoice} was emailed to {invoice.contact.email}.")
        return redirect(invoice)
    context = {"invoice": invoice, "contact": invoice.contact}
    return render(request, "invoicing/email.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind the contact of what is open; asked about first."""
    invoice = _invoice(pk)
    if request.method == "POST":
        try:
            send_reminder(invoice, by=person_of(request), number=_number(invoice))
        except NotRemindedError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"A reminder was sent to {invoice.contact.email}.")
        return redirect(invoice)
    context = {
        "invoice": invoice,
        "contact": invoice.contact,
        "why_not": why_not_remindable(invoice),
    }
    return render(request, "invoicing/remind.html", context)


def _invoice(pk: int) -> Invoice:
    return get_object_or_404(
        Invoice.objects.select_related("contact").defer("words", "contact__words"), pk=pk
    )


def _number(invoice: Invoice) -> str:
    if invoice.number:
        return invoice.number
    return states_of(RecordKind.INVOICE, [invoice.pk]).get(invoice.pk, NOT_SYNCED).external_number
