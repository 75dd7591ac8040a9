"""Emptying the database after a test that commits: what it wrote is deleted, row by row.

Django truncates every table, for which PostgreSQL makes new files for each and for each index; it
fills in its permissions anew, and opens another connection, to which every table is unknown. That
takes many times as long as to delete what one test has left, unless that is thousands of rows.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg2.sql import SQL, Identifier, Literal

#: Written by the migrations, and changed by no test.
KEPT = frozenset({"auth_permission", "django_content_type"})
#: Its own trigger refuses to delete from it, as it should.
APPEND_ONLY = "contacts_consentevent"
#: So many rows take longer to delete than tables to truncate.
MANY = 1000


def delete_instead_of_truncating():
    TransactionTestCase._fixture_teardown = _empty_what_it_wrote
    TransactionTestCase._should_reload_connections = _no


def _empty_what_it_wrote(test_case):
    with connection.cursor() as cursor, transaction.atomic():
        found = _filled(cursor)
        if max(found.values(), default=0) > MANY:
            names = SQL(", ").join(map(Identifier, found))
            cursor.execute(SQL("TRUNCATE {} CASCADE").format(names))
            return
        # In whatever order: all constraints between tables wait for the commit.
        for name in found:
            emptying = SQL("TRUNCATE {}" if name == APPEND_ONLY else "DELETE FROM {}")
            cursor.execute(emptying.format(Identifier(name)))


def _filled(cursor):
    """The tables that hold anything, each with its number of rows, counted as far as matters."""
    names = set(connection.introspection.django_table_names(include_views=False)) - KEPT
    each = SQL("SELECT {} AS name, count(*) AS rows FROM (SELECT FROM {} LIMIT {}) few")
    counts = (
        each.format(Literal(name), Identifier(name), Literal(MANY + 1)) for name in sorted(names)
    )
    cursor.execute(
        SQL("SELECT name, rows FROM ({}) counted WHERE rows > 0").format(
            SQL(" UNION ALL ").join(counts)
        )
    )
    return dict(cursor.fetchall())


def _no(test_case):
    return False
