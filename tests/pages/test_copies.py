"""A copy of the database says so by itself, and stops saying so where it is at home (R21)."""

from __future__ import annotations

from django.urls import reverse

from integrations import attention, copies, tasks
from integrations.models import Cause, Connection
from tests.pages.conftest import connected


def test_r21_the_tick_of_a_copy_asks_for_a_person(as_admin):
    connected(site_url="https://crm.shop.example")
    tasks.tick()
    [item] = attention.open_items()
    assert item.cause == Cause.COPIED_DATABASE
    page = as_admin.get("/attention/").content.decode()
    assert "https://crm.shop.example" in page
    assert reverse("integrations:adopt") in page


def test_r21_the_item_closes_where_the_connection_is_at_home(as_admin, settings, db):
    connection = connected(site_url="https://crm.shop.example")
    tasks.tick()
    as_admin.post(reverse("integrations:adopt"))
    assert not attention.open_items().exists()

    Connection.objects.update(site_url="https://crm.shop.example", paused_at=None)
    tasks.tick()
    assert attention.open_items().exists()
    settings.SITE_URL = "https://crm.shop.example"
    connection.refresh_from_db()
    copies.announce()
    assert not attention.open_items().exists()
