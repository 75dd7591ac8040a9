"""Many rows in few statements: COPY for new ones, one UPDATE from arrays for changed ones.

Rows are tuples in the order of the named columns. Both ways skip `Model.save` and its signals on
purpose: what a pull writes makes no outbox entry.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import repeat
from operator import is_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import DataError, OperationalError, connection
from django.db.models import Model
from psycopg2.errors import ProgramLimitExceeded

Row = Sequence[Any]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve_ids(model: type[Model], number: int) -> list[int]:
    """Draw `number` primary keys, so that rows can refer to each other before they exist."""
    if not number:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(sequence) FROM pg_get_serial_sequence(%s, 'id') AS sequence,"
            " generate_series(1, %s)",
            [model._meta.db_table, number],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(model: type[Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Write new rows in one COPY; no rows, no statement.

    Raises Django's IntegrityError and DataError like any insert.
    """
    columns_of_text = [_column_text(values) for values in zip(*rows, strict=True)]
    lines = "".join(["\t".join(cells) + "\n" for cells in zip(*columns_of_text, strict=True)])
    if not lines:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(model, name)) for name in fields)
    # Django wraps the errors of execute, not those of copy_expert.
    with _too_long_is_bad_data(), connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(
            f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN", io.StringIO(lines)
        )


def update(model: type[Model], fields: Sequence[str], rows: Sequence[Row]) -> None:
    """Set `fields` of existing rows in one statement; the first of `fields` is the key."""
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = [_column(model, name) for name in fields]
    arrays = ", ".join(f"%s::{_array_type(model, name)}" for name in fields)
    names = ", ".join(quote(column) for column in columns)
    assignments = ", ".join(
        f"{quote(c)} = given.{quote(c)}{_cast(model, n)}"
        for c, n in zip(columns[1:], fields[1:], strict=True)
    )
    key = quote(columns[0])
    with _too_long_is_bad_data(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS kept SET {assignments}"  # noqa: S608
            f" FROM unnest({arrays}) AS given({names}) WHERE kept.{key} = given.{key}",
            [[_as_parameter(v) for v in values] for values in zip(*rows, strict=True)],
        )


@contextmanager
def _too_long_is_bad_data() -> Iterator[None]:
    """PostgreSQL calls a text that no index takes a limit of its own: it is the row's fault."""
    try:
        yield
    except OperationalError as exc:
        if isinstance(exc.__cause__, ProgramLimitExceeded):
            raise DataError("a text is too long for an index") from exc
        raise


def _column(model: type[Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.column)


def _array_type(model: type[Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    if isinstance(field, ArrayField):
        # unnest would flatten an array of arrays: they travel as text and are cast back.
        return "text[]"
    return f"{(field.target_field if field.is_relation else field).db_type(connection)}[]"


def _cast(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    return f"::{field.db_type(connection)}" if isinstance(field, ArrayField) else ""


def _as_parameter(value: Any) -> Any:
    return _array_text(value) if isinstance(value, list) else value


def _column_text(values: Sequence[Any]) -> Sequence[str]:
    """A column's values as COPY reads them.

    Most columns hold one and the same value, or plain text only: one look at all of it tells.
    """
    if all(map(is_, values, repeat(values[0]))):
        return [_as_text(values[0])] * len(values)
    if set(map(type, values)) == {str}:
        text = "".join(values)
        if text.isprintable() and "\\" not in text:
            return values
    return [_as_text(value) for value in values]


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        if "\\" in value or not value.isprintable():
            return value.translate(_ESCAPES)
        return value
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return _array_text(value).translate(_ESCAPES)
    return str(value)


def _array_text(values: list[str]) -> str:
    """A list of plain words (field names) as PostgreSQL writes arrays."""
    return "{" + ",".join(values) + "}"
