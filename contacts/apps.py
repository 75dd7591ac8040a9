from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The CRM: people, contacts, products, invoices and payments. Knows no integration."""

    name = "contacts"
    verbose_name = "CRM"
