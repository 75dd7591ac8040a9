"""Emptying the database after a test that commits: what it wrote is deleted, row by row.

Django truncates every table, for which PostgreSQL makes new files for each and for each index; it
fills in its permissions anew, and opens another connection, to which every table is unknown. That
takes many times as long as to delete what one test has left.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg2.sql import SQL, Identifier, Literal

#: Written by the migrations, and changed by no test.
KEPT = frozenset({"auth_permission", "django_content_type"})
#: Its own trigger refuses to delete from it, as it should.
APPEND_ONLY = "contacts_consentevent"
#: So many dead rows would slow down whoever reads the table next.
MANY = 1000


def delete_instead_of_truncating():
    TransactionTestCase._fixture_teardown = _delete_what_it_wrote
    TransactionTestCase._should_reload_connections = _no


def _delete_what_it_wrote(test_case):
    """In whatever order: all constraints between tables wait for the commit."""
    full_of_dead = []
    with connection.cursor() as cursor:
        with transaction.atomic():
            for name in _filled(cursor):
                emptying = SQL("TRUNCATE {}" if name == APPEND_ONLY else "DELETE FROM {}")
                cursor.execute(emptying.format(Identifier(name)))
                if cursor.rowcount >= MANY:
                    full_of_dead.append(name)
        for name in full_of_dead:
            cursor.execute(SQL("VACUUM {}").format(Identifier(name)))


def _filled(cursor):
    names = set(connection.introspection.django_table_names(include_views=False)) - KEPT
    each = SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    asked = (each.format(Literal(name), Identifier(name)) for name in sorted(names))
    cursor.execute(SQL(" UNION ALL ").join(asked))
    return [name for (name,) in cursor.fetchall()]


def _no(test_case):
    return False
