"""Statements in QBO's query language.

Only what the service is known to take: AND, `=`, `>=`, `<=`, IN, LIKE with `%`, one ORDERBY.
`Id` knows only `=` and IN, so pages go by position or by time of change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final, Literal

PAGE_SIZE: Final = 1000
"""The most rows QBO gives in one page."""

Order = Literal["Id", "MetaData.LastUpdatedTime", "MetaData.CreateTime"]

# Kinds that hide their inactive rows from a plain query.
_NAME_LISTS = frozenset(
    {
        "Customer",
        "Item",
        "Account",
        "Term",
        "Vendor",
        "Employee",
        "Class",
        "Department",
        "PaymentMethod",
    }
)
# facts 4.2: a star alone may leave these out.
_BESIDE_STAR = {"Item": ", Sku"}
# Written behind the clock of Greenwich, a time never holds a "+" that an URL would turn to a blank.
_WRITTEN_OFFSET = timezone(timedelta(hours=-8))


def quoted(text: str) -> str:
    """Return a text as a literal; whatever it holds, it stays inside its quotes."""
    return "'" + "".join(_escaped(char) for char in text) + "'"


def written_instant(moment: datetime) -> str:
    """Return a time as ISO text with offset, cut to the second as QBO's own times are.

    Raises ValueError for a naive time: QBO would read it as Pacific time.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive time means another instant to QuickBooks")
    return moment.astimezone(_WRITTEN_OFFSET).replace(microsecond=0).isoformat()


def select_page(
    kind: str,
    *,
    updated_from: datetime | None = None,
    updated_to: datetime | None = None,
    created_from: datetime | None = None,
    ids: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    containing: Mapping[str, str] | None = None,
    among: Mapping[str, Sequence[str]] | None = None,
    order: Order = "Id",
    start: int = 1,
    size: int = PAGE_SIZE,
) -> str:
    """Return the statement for one page, inactive rows included.

    The bounds are inclusive and cut to the second. `where` compares fields with texts for
    equality, `containing` with texts anywhere in them, `among` with each of several. `start`
    counts from 1; `size` is at most PAGE_SIZE. Raises ValueError otherwise.
    """
    if start < 1 or not 1 <= size <= PAGE_SIZE:
        raise ValueError(f"pages start at 1 and hold 1 to {PAGE_SIZE} rows")
    conditions = _conditions(
        kind,
        updated_from,
        updated_to,
        created_from,
        {"Id": ids} | dict(among or {}),
        where or {},
        containing or {},
    )
    return (
        f"SELECT *{_BESIDE_STAR.get(kind, '')}"  # noqa: S608 (not SQL; values are quoted)
        f" FROM {_name(kind)}{conditions}"
        f" ORDERBY {order} STARTPOSITION {start} MAXRESULTS {size}"
    )


def count_of(
    kind: str,
    *,
    updated_from: datetime | None = None,
    updated_to: datetime | None = None,
    created_from: datetime | None = None,
    where: Mapping[str, str] | None = None,
) -> str:
    """Return the statement that counts rows, inactive ones included; bounds as in select_page."""
    conditions = _conditions(kind, updated_from, updated_to, created_from, {}, where or {})
    return f"SELECT COUNT(*) FROM {_name(kind)}{conditions}"  # noqa: S608 (not SQL)


def _conditions(
    kind: str,
    updated_from: datetime | None,
    updated_to: datetime | None,
    created_from: datetime | None,
    among: Mapping[str, Sequence[str]],
    where: Mapping[str, str],
    containing: Mapping[str, str] = MappingProxyType({}),
) -> str:
    terms = [f"{_name(column)} = {quoted(value)}" for column, value in where.items()]
    # No way is known to escape the wildcard itself.
    terms += [
        f"{_name(column)} LIKE {quoted('%' + value.replace('%', '') + '%')}"
        for column, value in containing.items()
    ]
    terms += [
        f"{_name(column)} IN ({', '.join(quoted(each) for each in values)})"
        for column, values in among.items()
        if values
    ]
    for column, operator, moment in (
        ("MetaData.LastUpdatedTime", ">=", updated_from),
        ("MetaData.LastUpdatedTime", "<=", updated_to),
        ("MetaData.CreateTime", ">=", created_from),
    ):
        if moment is not None:
            terms.append(f"{column} {operator} '{written_instant(moment)}'")
    if kind in _NAME_LISTS and "Active" not in where:
        terms.append("Active IN (true,false)")
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def _name(word: str) -> str:
    if not word.replace(".", "").isalnum() or not word.isascii():
        raise ValueError("not a name of the query language")
    return word


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    return " " if char < " " or char == "\x7f" else char
