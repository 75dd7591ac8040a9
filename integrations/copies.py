"""A copy of the database on another address or environment (R21)."""

from __future__ import annotations

from integrations import attention
from integrations.models import Cause, Connection


def announce() -> None:
    """Ask for a person where the live connection is not at home; otherwise take that back.

    Idempotent; the copy itself starts nothing and spends no token until somebody takes over.
    """
    for connection in Connection.objects.live():
        if connection.at_home:
            attention.close_item(connection, Cause.COPIED_DATABASE)
        else:
            facts = {"site_url": connection.site_url}
            attention.open_item(connection, Cause.COPIED_DATABASE, facts=facts)
