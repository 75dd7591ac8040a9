"""Emptying the database after a test: only the tables that hold anything, row by row.

Django truncates them all, and PostgreSQL then makes new files for each table and each index, which
takes twenty times as long as to delete what one test has left.
"""

from __future__ import annotations

from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg2.sql import SQL, Identifier, Literal

APPEND_ONLY = "contacts_consentevent"

_truncating = DatabaseOperations.sql_flush


def delete_instead_of_truncating():
    """In whatever order: all constraints between tables wait for the commit."""
    DatabaseOperations.sql_flush = _sql_flush


def _sql_flush(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
    if reset_sequences:
        return _truncating(
            operations, style, tables, reset_sequences=True, allow_cascade=allow_cascade
        )
    filled = _filled(operations.connection, tables)
    # Its own trigger refuses to delete from it, as it should.
    return [f"{'TRUNCATE' if name == APPEND_ONLY else 'DELETE FROM'} {name}" for name in filled]


def _filled(connection, tables):
    each = SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    asked = SQL(" UNION ALL ").join(
        each.format(Literal(name), Identifier(name)) for name in sorted(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [name for (name,) in cursor.fetchall()]
