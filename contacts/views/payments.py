"""Payments: recording money for one or several invoices, its page, editing and voiding it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.display import plain_amount
from contacts.forms.acts import VoidForm
from contacts.forms.payments import USUAL_METHODS, PaymentForm
from contacts.identity import identity
from contacts.models import Contact, Invoice, Payment, RecordKind
from contacts.record_states import NOT_SYNCED, panel_of, states_of
from contacts.services.payments import (
    MoreThanOwedError,
    PaymentError,
    record_payment,
    update_payment,
    void_payment,
    why_read_only,
)
from contacts.views.history import history_of
from contacts.views.signed_in import person_of

#: Open invoices that one page divides a payment among; the oldest debts come first.
INVOICES = 100

ACT = require_http_methods(["GET", "HEAD", "POST"])


@ACT
def payment_of_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Money for one invoice, in part or in full; QuickBooks' own invoices included (R13)."""
    invoice = get_object_or_404(
        Invoice.objects.select_related("contact").defer("words", "contact__words"), pk=pk
    )
    form = PaymentForm(
        _data(request), invoices=[invoice], whole=invoice, initial={"amount": invoice.balance}
    )
    if _record(request, form, invoice.contact):
        return redirect(invoice)
    state = states_of(RecordKind.INVOICE, [pk]).get(pk, NOT_SYNCED)
    return _form_page(request, form, invoice.contact, invoice=invoice, state=state)


@ACT
def payment_of_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Money for several invoices of one customer, in one currency (`?currency=EUR`)."""
    contact = get_object_or_404(Contact.objects.defer("words"), pk=pk)
    owed = contact.invoices.owed().defer("words")
    currencies = sorted(set(owed.values_list("currency", flat=True)))
    currency = request.GET.get("currency", "")
    if currency not in currencies:
        home = identity().currency
        currency = home if home in currencies or not currencies else currencies[0]
    form = PaymentForm(_data(request), invoices=_oldest(owed.filter(currency=currency)))
    if _record(request, form, contact):
        return redirect(contact)
    others = [other for other in currencies if other != currency]
    return _form_page(request, form, contact, currency=currency, others=others)


@require_safe
def payment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    payment = _payment(pk)
    context = {
        "payment": payment,
        "contact": payment.contact,
        "allocations": payment.allocations.select_related("invoice").defer("invoice__words"),
        "read_only": why_read_only(payment),
        "state": states_of(RecordKind.PAYMENT, [pk]).get(pk, NOT_SYNCED),
        "panel": panel_of(request, RecordKind.PAYMENT, payment),
        "history": history_of(request, RecordKind.PAYMENT, payment),
    }
    return render(request, "payments/detail.html", context)


@ACT
def payment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    payment = _payment(pk)
    if reason := why_read_only(payment):
        messages.error(request, reason)
        return redirect(payment)
    shares = {share.invoice_id: share.amount for share in payment.allocations.all()}
    theirs = Q(contact=payment.contact, balance__gt=0, currency=payment.currency)
    payable = Invoice.objects.filter(voided_at=None, sent_at__isnull=False).filter(
        theirs | Q(pk__in=shares)
    )
    form = PaymentForm(
        _data(request), invoices=_oldest(payable.defer("words")), payment=payment, shares=shares
    )
    if form.is_valid():
        try:
            changed = update_payment(
                payment,
                form.values,
                by=person_of(request),
                more_than_owed=form.cleaned_data["more_than_owed"],
            )
        except PaymentError as error:
            form.refuse(error, can_insist=isinstance(error, MoreThanOwedError))
        else:
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return redirect(payment)
    return _form_page(request, form, payment.contact, payment=payment, currency=payment.currency)


@ACT
def payment_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the payment back; its invoices owe again what it paid of them."""
    payment = _payment(pk)
    form = VoidForm(_data(request))
    if form.is_valid():
        try:
            void_payment(payment, by=person_of(request), reason=form.cleaned_data["reason"])
        except PaymentError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The payment is void; what it paid is owed again.")
            return redirect(payment)
    shares = payment.allocations.select_related("invoice").defer("invoice__words")
    context = {"payment": payment, "form": form, "allocations": shares}
    return render(request, "payments/void.html", context)


def _record(request: HttpRequest, form: PaymentForm, contact: Contact) -> Payment | None:
    """The payment, once the form was sent and the service took it."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        payment = record_payment(
            contact,
            said["amount"],
            said["date"],
            method=said["method"],
            reference=said["reference"],
            note=said["note"],
            allocations=form.allocations,
            by=person_of(request),
            more_than_owed=said["more_than_owed"],
            entered_as=said["entered_as"],
        )
    except PaymentError as error:
        form.refuse(error, can_insist=isinstance(error, MoreThanOwedError))
        return None
    amount = plain_amount(payment.amount, payment.currency)
    messages.success(request, f"{amount} {payment.currency} from {contact} recorded.")
    return payment


def _payment(pk: int) -> Payment:
    return get_object_or_404(
        Payment.objects.select_related("contact").defer("contact__words"), pk=pk
    )


def _oldest(invoices: QuerySet[Invoice]) -> list[Invoice]:
    return list(invoices.order_by("due_date", "issue_date", "pk")[:INVOICES])


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(
    request: HttpRequest, form: PaymentForm, contact: Contact, **more: Any
) -> HttpResponse:
    context = {"form": form, "contact": contact, "usual_methods": USUAL_METHODS, **more}
    return render(request, "payments/form.html", context)
