"""``manage.py emulator``: a local Intuit with the addresses and secrets of the settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Run the QuickBooks emulator that this installation talks to without Intuit keys."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        address = getattr(settings, "EMULATOR_URL", "http://127.0.0.1:8001")
        parser.add_argument("--port", type=int, default=urlsplit(address).port or 8001)
        parser.add_argument("--store", default=str(settings.VAR_DIR / "emulator" / "store.sqlite3"))

    def handle(self, *args: Any, **options: Any) -> None:
        from integrations.emulator.cli import main  # its packages are for development only

        main(
            [
                "--port",
                str(options["port"]),
                "--store",
                options["store"],
                "--webhook-url",
                f"{settings.SITE_URL}/webhooks/quickbooks/",
                "--disconnect-url",
                f"{settings.SITE_URL}/settings/integrations/quickbooks/disconnected/",
                "--verifier-token",
                settings.INTUIT_WEBHOOK_VERIFIER_TOKEN,
                "--client-id",
                settings.INTUIT_CLIENT_ID,
                "--client-secret",
                settings.INTUIT_CLIENT_SECRET,
            ]
        )
