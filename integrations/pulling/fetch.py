"""Asking QuickBooks what changed: one CDC call, or queries where CDC cannot say it all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from integrations.pulling.apply import KINDS
from integrations.quickbooks import faults
from integrations.quickbooks.client import Changes
from integrations.session import Session

#: CDC looks back 30 days (facts 2.7); a day is kept in hand.
CDC_WINDOW: Final = timedelta(days=29)
#: Whether changedSince is inclusive is not established, and LastUpdatedTime has whole seconds:
#: each pull looks a little further back, and the stale rule drops what it knows.
OVERLAP: Final = timedelta(minutes=2)


def changes_since(session: Session, cursor: datetime, now: datetime) -> Changes | None:
    """Everything that changed, all kinds in one call; None if it may not be everything."""
    if now - cursor > CDC_WINDOW:
        return None
    try:
        changes = session.call(lambda api: api.cdc(KINDS, cursor))
    except (faults.Rejected, faults.UnexpectedAnswer):
        # One bad row fails the whole answer (facts 2.2), or it would have to look back too far by
        # Intuit's clock; queries can be halved down to the row, and look back for ever.
        return None
    return None if changes.may_be_cut else changes
