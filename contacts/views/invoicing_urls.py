"""Addresses of making, sending, paying and voiding invoices."""

from __future__ import annotations

from django.urls import path

from contacts.views import invoice_acts, invoice_forms, invoice_papers, payments

urlpatterns = [
    path("invoices/new/", invoice_forms.invoice_new, name="invoice_new"),
    path("invoices/<int:pk>/edit/", invoice_forms.invoice_edit, name="invoice_edit"),
    path("invoices/choices/contacts/", invoice_forms.contact_choices, name="contact_choices"),
    path("invoices/choices/products/", invoice_forms.product_choices, name="product_choices"),
    path("invoices/<int:pk>/send/", invoice_acts.send, name="invoice_send"),
    path("invoices/<int:pk>/pay/", invoice_acts.pay, name="invoice_pay"),
    path("invoices/<int:pk>/void/", invoice_acts.void, name="invoice_void"),
    path("invoices/<int:pk>/delete/", invoice_acts.delete, name="invoice_delete"),
    path("invoices/<int:pk>/copy/", invoice_acts.copy, name="invoice_copy"),
    path("invoices/<int:pk>/email/", invoice_papers.email, name="invoice_email"),
    path("invoices/<int:pk>/remind/", invoice_papers.remind, name="invoice_remind"),
    path("invoices/<int:pk>/pdf/", invoice_papers.pdf, name="invoice_pdf"),
    path(
        "invoices/<int:pk>/payments/new/", payments.payment_of_invoice, name="invoice_payment_new"
    ),
    path(
        "contacts/<int:pk>/payments/new/", payments.payment_of_contact, name="contact_payment_new"
    ),
    path("payments/<int:pk>/", payments.payment_detail, name="payment"),
    path("payments/<int:pk>/edit/", payments.payment_edit, name="payment_edit"),
    path("payments/<int:pk>/void/", payments.payment_void, name="payment_void"),
]
