from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import pulling, tasks
from integrations.models import Connection, Run


class Command(BaseCommand):
    """Brings in what changed in QuickBooks now, in the foreground."""

    help = "Pull the changes from QuickBooks now, without waiting for the worker."

    def handle(self, *args: Any, **options: Any) -> None:
        connection = Connection.objects.working().first()
        if connection is None:
            raise CommandError(
                "No connection can be used: QuickBooks is not connected, or has to be connected "
                "again, or is paused. `manage.py quickbooks_status` tells."
            )
        pulling.wake(connection.pk)
        tasks.pull(connection.pk, Run.Trigger.PERSON)
        connection.refresh_from_db()
        run = connection.runs.order_by("-started_at", "-id").first()
        if connection.wanted > connection.served:
            raise CommandError(
                "The pull did not finish: another worker is at it, or QuickBooks cannot be asked "
                "now. It will be tried again by the worker."
            )
        if run is None:
            self.stdout.write("Nothing was due.")
            return
        self.stdout.write(
            f"In step with {connection}: {run.created} new, {run.updated} changed, "
            f"{run.removed} removed, {run.skipped} skipped."
        )
