"""All rows of the database as they are now, to be put back later, as a restored dump would."""

from __future__ import annotations

import io

from django.db import connection, transaction

_COLUMNS = """
SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
GROUP BY table_name
"""
_SEQUENCES = "SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences"


class Backup:
    """Taken when it is made."""

    def __init__(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(_COLUMNS)
            self.columns = dict(cursor.fetchall())
            cursor.execute(_SEQUENCES)
            self.sequences = cursor.fetchall()
            self.rows = {table: self._copied(cursor, table) for table in self.columns}

    def restore(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(self.columns)}")
            for table, rows in self.rows.items():
                told = f"COPY {table} ({self.columns[table]}) FROM STDIN"
                cursor.copy_expert(told, io.StringIO(rows))
            for name, last in self.sequences:
                cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])

    def _copied(self, cursor, table):
        rows = io.StringIO()
        cursor.copy_expert(f"COPY {table} ({self.columns[table]}) TO STDOUT", rows)
        return rows.getvalue()
