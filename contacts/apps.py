from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    """The CRM: people, contacts, products, invoices and payments. Knows no integration."""

    name = "contacts"
    verbose_name = "CRM"

    def ready(self) -> None:
        from contacts.services.mailing import sequence  # noqa: F401 - hears of risen consent
