from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """The engine between the CRM and QuickBooks, and its pages."""

    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from integrations import receivers  # noqa: F401 - connects them
