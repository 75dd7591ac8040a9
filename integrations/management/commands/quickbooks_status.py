from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations import reencryption, usage
from integrations.models import Attention, Connection


class Command(BaseCommand):
    """Says how each connection is, without secrets; `--reencrypt` rotates their keys."""

    help = "Show the connection to QuickBooks: company, tokens' ends, what waits, API calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reencrypt",
            action="store_true",
            help="Encrypt everything at rest with the first of TOKEN_ENCRYPTION_KEYS.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["reencrypt"]:
                self.stdout.write(f"Re-encrypted the secrets of {reencryption.reencrypt()} rows.")
            self._show()
        except InvalidToken as exc:
            raise CommandError(
                "None of TOKEN_ENCRYPTION_KEYS opens what is stored. Put the key that was in use "
                "back into the list, behind the new one."
            ) from exc

    def _show(self) -> None:
        connections = Connection.objects.order_by("connected_at")
        if not connections:
            self.stdout.write("No company was ever connected.")
        for connection in connections:
            for name, value in _rows(connection):
                self.stdout.write(f"{name:<22}{value}")
            self.stdout.write("")
            if connection.sealed:
                raise InvalidToken
        month = usage.of_month(timezone.now().date())
        self.stdout.write(f"{'API calls this month':<22}{month.reads} reads, {month.writes} writes")


def _rows(connection: Connection) -> Iterator[tuple[str, str]]:
    yield "Company", connection.company_name
    yield "Status", _status(connection)
    if connection.reconnect_reason:
        yield "Reason", connection.reconnect_reason
    yield "Environment", connection.environment
    yield "Address", connection.site_url
    yield "Connected", _moment(connection.connected_at)
    if connection.status == Connection.Status.DISCONNECTED:
        yield "Disconnected", _moment(connection.disconnected_at)
        return
    yield "Invoices since", _moment(connection.invoices_since)
    yield "Changes applied until", _moment(connection.cursor)
    yield "Last pull", _moment(connection.last_pull_at)
    yield "Pull", "waiting" if connection.wanted > connection.served else "nothing waits"
    yield "Tokens refreshed", _moment(connection.refreshed_at)
    yield "Tokens end", _moment(connection.refresh_expires_at)
    yield "Connection ends", _moment(connection.hard_expires_at)
    yield "Left alone until", _moment(connection.back_off_until)
    wanting = Attention.objects.filter(connection=connection, closed_at=None)
    yield "Needs attention", str(wanting.count())


def _status(connection: Connection) -> str:
    if connection.status == Connection.Status.DISCONNECTED:
        return connection.get_status_display()
    if not connection.at_home:
        return f"{connection.get_status_display()}, paused: this is a copy on another address"
    if connection.paused_at:
        return f"{connection.get_status_display()}, paused since {_moment(connection.paused_at)}"
    return connection.get_status_display()


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "-"
