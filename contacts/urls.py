"""Addresses of the CRM. `docs/` and other programs rely on those of the three lists."""

from __future__ import annotations

from django.urls import include, path

from contacts.views import contacts, history, invoices, merging, products

urlpatterns = [
    path("contacts/", contacts.contact_list, name="contacts"),
    path("contacts/new/", contacts.contact_new, name="contact_new"),
    path("contacts/<int:pk>/", contacts.contact_detail, name="contact"),
    path("contacts/<int:pk>/edit/", contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/archive/", contacts.contact_archive, name="contact_archive"),
    path("contacts/<int:pk>/merge/", merging.contact_merge, name="contact_merge"),
    path("products/", products.product_list, name="products"),
    path("products/new/", products.product_new, name="product_new"),
    path("products/<int:pk>/", products.product_detail, name="product"),
    path("products/<int:pk>/edit/", products.product_edit, name="product_edit"),
    path("products/<int:pk>/archive/", products.product_archive, name="product_archive"),
    path("invoices/", invoices.invoice_list, name="invoices"),
    path("invoices/<int:pk>/", invoices.invoice_detail, name="invoice"),
    path("history/<int:pk>/restore/", history.restore, name="restore_value"),
    path("", include("contacts.views.consent.urls")),
    path("", include("contacts.views.invoicing_urls")),
    path("", include("contacts.views.mailing_urls")),
    path("", include("contacts.views.site_urls")),
]
