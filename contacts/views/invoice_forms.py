"""Writing an invoice: the page, and what it suggests while somebody types."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.forms.choosing import suggested_contacts, suggested_products, text_of_contact
from contacts.forms.figures import plain
from contacts.forms.invoice_sheet import InvoiceSheet
from contacts.forms.invoices import USUAL_TERMS
from contacts.models import Contact, Invoice, User
from contacts.services.contacts import EmailTakenError, create_contact
from contacts.services.invoicing import (
    InvoicingError,
    create_draft,
    update_invoice,
    why_not_editable,
)
from contacts.views.signed_in import person_of


@require_http_methods(["GET", "HEAD", "POST"])
def invoice_new(request: HttpRequest) -> HttpResponse:
    """`?contact=5` starts with that contact."""
    sheet = InvoiceSheet(
        request.POST if request.method == "POST" else None, contact=_asked_contact(request)
    )
    if sheet.bound and sheet.is_valid():
        try:
            invoice = _create(sheet, person_of(request))
        except EmailTakenError as error:
            sheet.refuse_taken(error)
        except InvoicingError as error:
            sheet.refuse(error)
        else:
            return _saved(request, invoice, "The draft was saved. It counts once it is sent.")
    return _page(request, sheet)


@require_http_methods(["GET", "HEAD", "POST"])
def invoice_edit(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = get_object_or_404(
        Invoice.objects.select_related("contact").defer("words", "contact__words"), pk=pk
    )
    if reason := why_not_editable(invoice):
        messages.error(request, reason)
        return redirect(invoice)
    sheet = InvoiceSheet(request.POST if request.method == "POST" else None, invoice=invoice)
    if sheet.bound and sheet.is_valid():
        try:
            changed = _update(sheet, invoice, person_of(request))
        except EmailTakenError as error:
            sheet.refuse_taken(error)
        except InvoicingError as error:
            sheet.refuse(error)
        else:
            return _saved(request, invoice, sheet.outcome(changed))
    return _page(request, sheet)


@require_safe
def contact_choices(request: HttpRequest) -> HttpResponse:
    """The options for what was typed so far, as the contact field asks for them."""
    found = suggested_contacts(request.GET.get("contact", "").strip()[:200])
    choices = [{"value": text_of_contact(contact), "label": contact.company} for contact in found]
    return render(request, "invoicing/choices.html", {"choices": choices})


@require_safe
def product_choices(request: HttpRequest) -> HttpResponse:
    """The options for what was typed into the product of some line so far."""
    typed = next((request.GET[name] for name in request.GET if name.endswith("-item")), "")
    choices = [
        {
            "value": str(product),
            "label": product.sku,
            "price": plain(product.unit_price, 2),
            "description": product.description,
            "taxable": product.taxable,
        }
        for product in suggested_products(typed.strip()[:200])
    ]
    return render(request, "invoicing/choices.html", {"choices": choices})


def _create(sheet: InvoiceSheet, by: User) -> Invoice:
    with transaction.atomic():
        values = sheet.changes
        contact = _contact(sheet, by)
        values.pop("contact", None)
        return create_draft(contact, values.pop("lines", ()), by=by, **values)


def _update(sheet: InvoiceSheet, invoice: Invoice, by: User) -> frozenset[str]:
    with transaction.atomic():
        changes = sheet.changes
        if sheet.new_contact.is_bound:
            changes["contact"] = _contact(sheet, by)
        return update_invoice(invoice, changes, by=by)


def _contact(sheet: InvoiceSheet, by: User) -> Contact:
    if sheet.new_contact.is_bound:
        return create_contact(sheet.new_contact.changes, by=by)
    if sheet.contact is None:  # is_valid() has seen to it
        raise Contact.DoesNotExist
    return sheet.contact


def _saved(request: HttpRequest, invoice: Invoice, sentence: str) -> HttpResponse:
    """Back to the invoice, or on to sending it where that was the button."""
    if request.POST.get("then") == "send" and invoice.sent_at is None:
        return redirect("invoice_send", pk=invoice.pk)
    messages.success(request, sentence)
    return redirect(invoice)


def _page(request: HttpRequest, sheet: InvoiceSheet) -> HttpResponse:
    context = {
        "sheet": sheet,
        "form": sheet.form,
        "lines": sheet.lines,
        "invoice": sheet.invoice,
        "usual_terms": USUAL_TERMS,
        "contacts": [text_of_contact(c) for c in suggested_contacts(sheet.typed_contact)],
        "products": [str(product) for product in suggested_products("")],
    }
    return render(request, "invoicing/form.html", context)


def _asked_contact(request: HttpRequest) -> Contact | None:
    asked = request.GET.get("contact", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return Contact.objects.defer("words").filter(pk=int(asked)).first()
