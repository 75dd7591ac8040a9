"""The connected company's settings, as QuickBooks tells them."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.models import Connection
from integrations.quickbooks.mapping.company import company_from
from integrations.quickbooks.records import CompanyRecord
from integrations.session import Session

FIELDS: Final = ("company_name", "country", "home_currency", "time_zone", "company")
"""What `put` sets on a connection."""

NAMELESS: Final = "a company without a name"

_OTHERS = (
    "legal_name",
    "multicurrency",
    "uses_sales_tax",
    "automated_sales_tax",
    "custom_numbers",
    "allows_discount",
    "default_terms_id",
    "class_tracking",
    "class_tracking_per_line",
    "location_tracking",
    "email",
)


def read(session: Session) -> CompanyRecord:
    """Read CompanyInfo and Preferences: two metered reads.

    Raises what `Session.call` raises, and ValueError for settings that cannot be understood.
    """
    info = session.call(lambda api: api.company_info())
    preferences = session.call(lambda api: api.preferences())
    return company_from(info, preferences)


def put(connection: Connection, record: CompanyRecord) -> None:
    """Set the connection's fields named in FIELDS; they are not saved."""
    connection.company_name = record.name or record.legal_name or NAMELESS
    connection.country = record.country[:64]
    connection.home_currency = record.home_currency
    connection.time_zone = _known_zone(record.time_zone)
    connection.company = _others(record)


def store(connection: Connection, record: CompanyRecord) -> None:
    """Keep the settings on the connection, in one statement."""
    put(connection, record)
    connection.save(update_fields=FIELDS)


def _others(record: CompanyRecord) -> dict[str, Any]:
    closed = record.book_close_date
    told = {name: getattr(record, name) for name in _OTHERS}
    return told | {"book_close_date": closed.isoformat() if closed else None}


def _known_zone(name: str) -> str:
    """An unknown zone counts as not told: dates then are UTC's."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return name
