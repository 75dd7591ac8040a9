"""Single values of a row, checked: each function raises Unmappable with a sentence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from integrations.quickbooks import instants, wire
from integrations.quickbooks.mapping.text import line

_ID_LENGTH = 64
# QuickBooks' own limit is eleven digits; anything near this is damage.
_LARGEST = Decimal(10) ** 13
_LARGEST_TOKEN = 2**62
ZERO = Decimal(0)


class Unmappable(ValueError):
    """A row lacks something, or something in it cannot be what it claims to be."""


class Gone(Exception):
    """The row says that its record was deleted; little else of it is there."""


def identity(entity: wire.Entity) -> str:
    """Return the row's Id."""
    return identifier(entity.id, "its Id")


def identifier(text: str | None, what: str) -> str:
    """Return an id that must be there."""
    found = line(text)
    if not found:
        raise Unmappable(f"{what} is missing")
    if len(found) > _ID_LENGTH:
        raise Unmappable(f"{what} is too long")
    return found


def reference(ref: wire.Ref | None) -> str | None:
    """Return the id in a reference, None without one."""
    if ref is None:
        return None
    found = line(ref.value)
    if len(found) > _ID_LENGTH:
        raise Unmappable("a reference in it is too long")
    return found or None


def version(entity: wire.Entity) -> int:
    """Return the SyncToken as a number."""
    text = entity.sync_token
    if text is None or not (text.isascii() and text.isdigit()):
        raise Unmappable("its SyncToken is missing or not a number")
    if len(text) > _ID_LENGTH or int(text) > _LARGEST_TOKEN:
        raise Unmappable("its SyncToken is too large")
    return int(text)


def whole_row(entity: wire.Entity) -> None:
    """Refuse a row with only some of its fields: what is absent there is not cleared.

    Raises Gone for the stub of a deleted record.
    """
    if entity.status == "Deleted":
        raise Gone
    if entity.sparse:
        raise Unmappable("QuickBooks sent only a part of it")


def times(entity: wire.Entity) -> tuple[datetime, datetime]:
    """Return when the row was created and last changed."""
    meta = entity.meta_data
    if meta is None:
        raise Unmappable("its times are missing")
    return (
        moment(meta.create_time, "its time of creation"),
        moment(meta.last_updated_time, "its time of change"),
    )


def moment(text: str | None, what: str) -> datetime:
    """Return a time that must be there."""
    if not text:
        raise Unmappable(f"{what} is missing")
    try:
        return instants.instant(text)
    except ValueError:
        raise Unmappable(f"{what} cannot be read") from None


def day(text: str | None, what: str) -> date:
    """Return a date that must be there."""
    found = day_or_none(text, what)
    if found is None:
        raise Unmappable(f"{what} is missing")
    return found


def day_or_none(text: str | None, what: str) -> date | None:
    """Return a date, None without one."""
    if not text:
        return None
    try:
        return instants.day(text)
    except ValueError:
        raise Unmappable(f"{what} cannot be read") from None


def number(value: Decimal | None, what: str) -> Decimal | None:
    """Return a price, quantity or amount, None without one."""
    if value is None:
        return None
    if not value.is_finite() or not -_LARGEST < value < _LARGEST:
        raise Unmappable(f"{what} is not an amount that can be kept")
    return value


def money(value: Decimal | None, what: str) -> Decimal:
    """Return an amount, zero without one."""
    return number(value, what) or ZERO


def currency(ref: wire.Ref | None) -> str:
    """Return the code of a currency, "" where the row names none."""
    code = line(ref.value) if ref is not None else ""
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise Unmappable("its currency is not a currency code")
    return code.upper()


def source(raw: bytes | str) -> str:
    """Return the row's JSON as text that any text column keeps."""
    return raw if isinstance(raw, str) else raw.decode()
