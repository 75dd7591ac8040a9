"""What a stranger can make the site do: read little, and try few passwords."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from crmsync.middleware import LARGEST_BODY

pytestmark = pytest.mark.django_db


class Untouched(io.RawIOBase):
    """A body that nobody may begin to read."""

    def read(self, *_):
        raise AssertionError("the body was read")


def test_a_large_body_is_refused_unread(client):
    response = client.generic(
        "POST",
        "/accounts/login/",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(LARGEST_BODY + 1),
        **{"wsgi.input": Untouched()},
    )

    assert response.status_code == 413


@pytest.mark.parametrize("length", ["-1", "many"])
def test_a_length_that_is_none_is_refused(client, length):
    response = client.generic("POST", "/accounts/login/", CONTENT_LENGTH=length)

    assert response.status_code == 413


@pytest.fixture
def _fresh_counts():
    cache.clear()


@pytest.mark.usefixtures("_fresh_counts")
def test_attempts_are_counted_per_visitor_behind_the_proxy(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    for name in range(40):
        made_up = f"10.0.0.{name}, 203.0.113.9"
        last = client.post(
            "/accounts/login/",
            {"login": f"nobody{name}@example.com", "password": "wrong"},
            headers={"X-Forwarded-For": made_up},
        )
    assert last.status_code == 429 or "Too many" in last.content.decode()

    get_user_model().objects.create_user("ada@example.com", "correct horse battery")
    other = client.post(
        "/accounts/login/",
        {"login": "ada@example.com", "password": "correct horse battery"},
        headers={"X-Forwarded-For": "198.51.100.7"},
    )
    assert other.status_code == 302


@pytest.mark.usefixtures("_fresh_counts")
def test_attempts_are_counted_for_all_processes_together(client):
    from django.db import connection

    for _ in range(3):
        client.post("/accounts/login/", {"login": "ada@example.com", "password": "wrong"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM crmsync_cache")
        assert cursor.fetchone()[0] > 0
