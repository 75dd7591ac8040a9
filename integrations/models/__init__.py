"""The engine's tables: one connection, one link table per kind, runs, what was set aside."""

from __future__ import annotations

from integrations.models.attention import Attention, Cause
from integrations.models.connection import Connection
from integrations.models.counts import DailyCount
from integrations.models.lease import Lease, RateGate
from integrations.models.links import CustomerLink, InvoiceLink, ItemLink, Link, PaymentLink
from integrations.models.outbox import OutboxEntry
from integrations.models.runs import ImportProgress, ImportSeen, Run
from integrations.models.set_aside import Reason, SetAside
from integrations.models.webhook_event import WebhookEvent

__all__ = [
    "Attention",
    "Cause",
    "Connection",
    "CustomerLink",
    "DailyCount",
    "ImportProgress",
    "ImportSeen",
    "InvoiceLink",
    "ItemLink",
    "Lease",
    "Link",
    "OutboxEntry",
    "PaymentLink",
    "RateGate",
    "Reason",
    "Run",
    "SetAside",
    "WebhookEvent",
]
