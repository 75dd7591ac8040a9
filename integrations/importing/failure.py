from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from integrations import attention
from integrations.models import Cause, ImportSeen, Run
from integrations.quickbooks import faults


def import_failed(run_id: int, fault: faults.QuickBooksError) -> None:
    """Close an import that QuickBooks refused for good and ask a person to try again."""
    with transaction.atomic():
        run = Run.objects.select_related("connection").select_for_update(of=["self"]).get(pk=run_id)
        if run.status != Run.Status.RUNNING:
            return
        run.status = Run.Status.FAILED
        run.message = f"{fault.sentence}."
        run.finished_at = Now()
        run.save(update_fields=["status", "message", "finished_at"])
        # Another one begins anew.
        ImportSeen.objects.filter(progress__run=run).delete()
        attention.open_item(
            run.connection, Cause.IMPORT_FAILED, facts={"run": run.pk, "code": fault.code}
        )
