"""Records as a sync left them."""

from __future__ import annotations

from django.utils import timezone

from integrations.models import InvoiceLink
from tests.factories import InvoiceFactory


def linked_invoice(connection, external_id="17"):
    now = timezone.now()
    return InvoiceLink.objects.create(
        connection=connection,
        invoice=InvoiceFactory(sent=True),
        external_id=external_id,
        customer_id="1",
        sync_token=0,
        remote_created_at=now,
        remote_updated_at=now,
        in_step_since=now,
        snapshot="{}",
    )
