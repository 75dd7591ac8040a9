"""What every page says about a connection in trouble, and to whom (R21)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.pages.conftest import CARD, connected

PAGE = "/contacts/"


def banner(client, address=PAGE):
    response = client.get(address)
    found = response.context["banners"]
    return found[0] if found else None


def test_a_healthy_connection_says_nothing(as_admin, company):
    assert banner(as_admin) is None


def test_r21_reconnect_needed_is_on_every_page(as_admin, as_staff):
    connected(status="reconnect_needed")
    assert banner(as_admin)["url"] == CARD
    shown = banner(as_staff)
    assert "url" not in shown
    assert shown["text"].endswith("An admin has to see to it.")


def test_the_card_itself_needs_no_banner(as_admin):
    connected(status="reconnect_needed")
    assert banner(as_admin, CARD) is None


@pytest.mark.parametrize(("days", "shown"), [(29, False), (6, True), (0.5, True)])
def test_an_end_within_a_week_is_on_every_page(as_admin, days, shown):
    connected(hard_expires_at=timezone.now() + timedelta(days=days))
    assert bool(banner(as_admin)) == shown


def test_a_copied_database_says_so(as_staff):
    connected(site_url="https://elsewhere.example")
    assert "copy of the database" in banner(as_staff)["text"]


def test_count_and_banners_cost_one_query(as_staff, company, django_assert_num_queries):
    as_staff.get("/what-syncs/")
    # The session, the person, and the connection with its open items.
    with django_assert_num_queries(3):
        as_staff.get("/what-syncs/")
