"""What every new link says, whichever record it is of: the columns, and a row's values for them."""

from __future__ import annotations

from typing import Any

from integrations.pulling.work import Work
from integrations.quickbooks.records import CustomerRecord, InvoiceRecord, ItemRecord, PaymentRecord

FIELDS = (
    "connection",
    "external_id",
    "sync_token",
    "remote_created_at",
    "remote_updated_at",
    "snapshot",
    "in_step_since",
)


def values(
    work: Work, record: CustomerRecord | ItemRecord | InvoiceRecord | PaymentRecord
) -> tuple[Any, ...]:
    """In the order of FIELDS; the object as QuickBooks sent it is the first base."""
    return (
        work.connection.pk,
        record.external_id,
        record.sync_token,
        record.created_at,
        record.updated_at,
        record.raw,
        work.now,
    )
