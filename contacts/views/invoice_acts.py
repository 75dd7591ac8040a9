"""What is done to an invoice: each act a POST, asked about first where it cannot be undone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.display import plain_amount
from contacts.forms.acts import PaidForm, SendForm, VoidForm
from contacts.models import Business, Invoice, Product, RecordKind
from contacts.record_states import NOT_SYNCED, foreseen_for, states_of
from contacts.services.invoicing import (
    InvoicingError,
    NotEmailedError,
    copy_as_new,
    delete_draft,
    mark_paid,
    mark_sent,
    void_invoice,
)
from contacts.services.payments import PaymentError, live_payments
from contacts.views.signed_in import person_of

ACT = require_http_methods(["GET", "HEAD", "POST"])


@ACT
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a draft as sent, with or without emailing it."""
    invoice = _invoice(pk)
    if invoice.sent_at is not None:
        return redirect(invoice)
    form = SendForm(_data(request), contact=invoice.contact)
    if form.is_valid():
        try:
            sent = mark_sent(invoice, by=person_of(request), email=form.wants_email)
        except NotEmailedError as error:
            messages.warning(request, f"The invoice is marked as sent. {error}")
            return redirect(invoice)
        except InvoicingError as error:
            form.add_error(None, str(error))
        else:
            emailed = f" and emailed to {sent.contact.email}" if form.wants_email else ""
            messages.success(request, f"{sent} is marked as sent{emailed}.")
            return redirect(invoice)
    return _ask(request, "send", invoice, form)


@ACT
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Record all that is left as paid; a draft is marked as sent first."""
    invoice = _invoice(pk)
    form = PaidForm(_data(request))
    if form.is_valid():
        try:
            payment = mark_paid(invoice, by=person_of(request), **form.cleaned_data)
        except (InvoicingError, PaymentError) as error:
            form.add_error(None, str(error))
        else:
            paid = (
                f"{plain_amount(payment.amount, payment.currency)} {payment.currency} recorded."
                if payment
                else "Nothing was left to pay."
            )
            messages.success(request, paid)
            return redirect(invoice)
    return _ask(request, "pay", invoice, form)


@ACT
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Void a sent invoice; its live payments are named and voided with it if that is wanted."""
    invoice = _invoice(pk)
    form = VoidForm(_data(request), payments=live_payments(invoice))
    if form.is_valid():
        try:
            void_invoice(
                invoice,
                by=person_of(request),
                reason=form.cleaned_data["reason"],
                with_payments=form.cleaned_data.get("with_payments", False),
            )
        except (InvoicingError, PaymentError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{invoice} is void.")
            return redirect(invoice)
    return _ask(request, "void", invoice, form)


@ACT
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft. Asked for one that is gone, the list is the answer."""
    invoice = Invoice.objects.filter(pk=pk).select_related("contact").first()
    if invoice is None:
        return redirect("invoices")
    if request.method == "POST" or invoice.sent_at is not None:
        try:
            delete_draft(invoice, by=person_of(request))
        except InvoicingError as error:
            messages.error(request, str(error))
            return redirect(invoice)
        messages.success(request, "The draft was deleted.")
        return redirect("invoices")
    return _ask(request, "delete", invoice, None)


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft of today like this invoice, opened for editing."""
    try:
        draft = copy_as_new(_invoice(pk), by=person_of(request))
    except InvoicingError as error:
        messages.error(request, str(error))
        return redirect("invoice", pk=pk)
    messages.success(request, "This is the copy: a draft of today. Nothing is sent yet.")
    return redirect("invoice_edit", pk=draft.pk)


def taxable_products(invoice: Invoice) -> list[Product]:
    """Those whose tax this CRM does not reckon, to warn about before sending (R17)."""
    products = Product.objects.filter(invoiceline__invoice=invoice, taxable=True)
    return list(products.defer("words").distinct().order_by("name"))


def _invoice(pk: int) -> Invoice:
    return get_object_or_404(
        Invoice.objects.select_related("contact").defer("words", "contact__words"), pk=pk
    )


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _ask(request: HttpRequest, act: str, invoice: Invoice, form: Any) -> HttpResponse:
    context = {
        "invoice": invoice,
        "contact": invoice.contact,
        "form": form,
        "taxable": taxable_products(invoice) if invoice.sent_at is None else [],
        "foreseen": foreseen_for(invoice) if invoice.sent_at is None else [],
        "state": states_of(RecordKind.INVOICE, [invoice.pk]).get(invoice.pk, NOT_SYNCED),
        "prefix": Business.current().invoice_prefix,
    }
    return render(request, f"invoicing/{act}.html", context)
