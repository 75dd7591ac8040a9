from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
def test_healthz_is_public_and_says_ok(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_healthz_says_when_a_migration_is_missing(client):
    MigrationRecorder(connection).migration_qs.filter(app="sessions").delete()

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (
        503,
        b"migrations are missing: run manage.py migrate\n",
    )


def test_healthz_says_when_the_database_does_not_answer(client, django_db_blocker, monkeypatch):
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
        response = client.get("/healthz")
        connection.close()

    assert (response.status_code, response.content) == (503, b"the database does not answer\n")
