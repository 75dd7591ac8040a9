"""The table of the cache that all web processes share (`settings.CACHES`)."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE TABLE IF NOT EXISTS crmsync_cache ("
                " cache_key varchar(255) NOT NULL PRIMARY KEY,"
                " value text NOT NULL,"
                " expires timestamp with time zone NOT NULL)",
                "CREATE INDEX IF NOT EXISTS crmsync_cache_expires ON crmsync_cache (expires)",
            ],
            reverse_sql="DROP TABLE IF EXISTS crmsync_cache",
        ),
    ]
