"""Databases for programs that run beside tests; they would spoil those of pytest-django."""

from __future__ import annotations

import os
import time
from contextlib import closing, contextmanager
from urllib.parse import quote

import psycopg2
from django.conf import settings

from crmsync.embedded_database import DATABASE

# Written once by the migrations and at the start; everything else belongs to one story.
KEPT = {
    "auth_permission",
    "contacts_user",
    "django_content_type",
    "django_migrations",
    "django_q_schedule",
    "django_session",
}
IDLE_SECONDS = 30


class Database:
    """One database of this test run. Runs that died leave theirs to the next one to drop."""

    def __init__(self, purpose):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
        # The name by which tests.environment knows whose it is.
        self.name = f"test_{DATABASE}_{os.environ['CRMSYNC_TEST_RUN']}_{worker}_{purpose}"
        self._server = settings.DATABASES["default"]

    @property
    def url(self):
        user, host = quote(self._server["USER"]), quote(self._server["HOST"], safe="")
        if self._server["PASSWORD"]:
            user += f":{quote(self._server['PASSWORD'], safe='')}"
        port = f":{self._server['PORT']}" if self._server["PORT"] else ""
        return f"postgres://{user}@{host}{port}/{self.name}"

    def create(self):
        self.drop()
        with self._cursor("postgres") as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}"')

    def drop(self):
        with self._cursor("postgres") as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def empty(self):
        """Forget every record, once the worker has done what it was asked to."""
        with self._cursor(self.name) as cursor:
            deadline = time.monotonic() + IDLE_SECONDS
            # A task's row stays until the task is done.
            while self._has_tasks(cursor) and time.monotonic() < deadline:
                time.sleep(0.05)
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = {name for (name,) in cursor.fetchall()} - KEPT
            cursor.execute(f"TRUNCATE {', '.join(sorted(tables))} RESTART IDENTITY")

    @staticmethod
    def _has_tasks(cursor):
        cursor.execute("SELECT EXISTS (SELECT FROM django_q_ormq)")
        return cursor.fetchone()[0]

    @contextmanager
    def _cursor(self, name):
        server = self._server
        connection = psycopg2.connect(
            host=server["HOST"] or None,
            port=server["PORT"] or None,
            user=server["USER"] or None,
            password=server["PASSWORD"] or None,
            dbname=name,
        )
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            yield cursor
