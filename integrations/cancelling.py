"""What waited to be sent and is of before *invoices since*: it is not sent any more (R19, R21)."""

from __future__ import annotations

from datetime import datetime

from contacts.models import Allocation, Invoice, RecordKind
from integrations.models import Connection, OutboxEntry


def cancel_older(connection: Connection, since_here: datetime) -> list[str]:
    """Take invoices made before that moment, and payments of only such, off the outbox.

    Part of the transaction that moves *invoices since*. Returns what people call the invoices,
    for the list of what was not sent. Writes in flight are left to settle.
    """
    at_rest = OutboxEntry.objects.filter(connection=connection).exclude(
        state=OutboxEntry.State.IN_FLIGHT
    )
    older = Invoice.objects.filter(created_at__lt=since_here)
    waiting = at_rest.filter(kind=RecordKind.INVOICE, record_id__in=older.values("pk"))
    names = [
        str(invoice) for invoice in older.filter(pk__in=waiting.values("record_id")).order_by("pk")
    ]
    of_newer = Allocation.objects.filter(invoice__created_at__gte=since_here)
    at_rest.filter(kind=RecordKind.PAYMENT).exclude(
        record_id__in=of_newer.values("payment")
    ).delete()
    waiting.delete()
    return names


def not_sent_sentence(names: list[str]) -> str:
    """What Activity says about the invoices that were cancelled; "" without any."""
    if not names:
        return ""
    shown = ", ".join(names[:20])
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"Not sent, because made before: {shown}{more}."
