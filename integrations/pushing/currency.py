"""The currency that a transaction on its way names."""

from __future__ import annotations

from integrations.models import Connection


def named(connection: Connection, currency: str) -> tuple[str, bool]:
    """The currency to name, "" where the company has but one; and whether it is the company's own,
    whose rate is 1 (facts 4.3, 5.21)."""
    if not connection.company.get("multicurrency"):
        return "", False
    return currency, currency == connection.home_currency
