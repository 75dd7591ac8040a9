"""The QuickBooks card says how it stands, and shows controls to admins alone (R1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import Connection, Run
from tests.pages.conftest import CARD, connected
from tests.pages.records import import_run

CONTROLS = ("connect", "reset", "disconnect", "sync", "pause", "resume", "adopt")


def card(client):
    response = client.get(CARD)
    assert response.status_code == 200
    return response.content.decode()


def controls_in(page):
    return {name for name in CONTROLS if f'"{reverse(f"integrations:{name}")}"' in page}


def test_r1_unconnected_offers_connect_to_an_admin(as_admin):
    page = card(as_admin)
    assert controls_in(page) == {"connect"}
    assert "Not connected" in page


def test_r1_without_keys_says_which_are_missing(as_admin, settings):
    settings.INTUIT_CLIENT_SECRET = ""
    page = card(as_admin)
    assert controls_in(page) == set()
    assert "INTUIT_CLIENT_SECRET is not set on the server" in page
    assert "INTUIT_CLIENT_ID" not in page


def test_r1_connected_shows_the_facts_and_the_controls(as_admin, company):
    Connection.objects.update(
        last_change_at=timezone.now(), last_delay=timedelta(seconds=1.8), home_currency="USD"
    )
    page = card(as_admin)
    assert controls_in(page) == {"reset", "disconnect", "sync", "pause"}
    for words in ("Bright Ideas Ltd", "In step", "1.8 s after", "Invoices since", "USD"):
        assert words in page


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"paused_at": timezone.now()},
        {"status": "reconnect_needed", "disconnect_page_at": timezone.now()},
        {"site_url": "https://elsewhere.example"},
        None,
    ],
)
def test_r1_staff_see_the_state_and_no_control(as_staff, db, state):
    if state is not None:
        connected(**state)
    page = card(as_staff)
    assert controls_in(page) == set()
    assert "QuickBooks Online" in page


def test_no_token_and_no_realm_is_on_the_page(as_admin, company):
    page = card(as_admin)
    for secret in ("secret-access-token", "secret-refresh-token", company.realm):
        assert secret not in page


def test_r21_reconnect_needed_offers_reconnecting_and_finishing(as_admin):
    connected(
        status="reconnect_needed",
        reconnect_reason="QuickBooks no longer accepts the connection.",
        disconnect_page_at=timezone.now(),
    )
    page = card(as_admin)
    assert controls_in(page) == {"connect", "disconnect"}
    assert "Reconnect" in page
    assert "Finish disconnecting" in page
    assert "QuickBooks no longer accepts the connection." in page


def test_r21_finishing_is_offered_only_if_the_page_was_visited(as_admin):
    connected(status="reconnect_needed")
    assert "Finish disconnecting" not in card(as_admin)


def test_r21_a_copy_is_paused_and_can_take_over(as_admin):
    connected(site_url="https://crm.shop.example")
    page = card(as_admin)
    assert controls_in(page) == {"adopt", "disconnect"}
    assert "https://crm.shop.example" in page


def test_after_disconnect_the_former_company_is_named(as_admin):
    connected(
        status="disconnected", access_token="", refresh_token="", disconnected_at=timezone.now()
    )
    page = card(as_admin)
    assert controls_in(page) == {"connect"}
    assert "Bright Ideas Ltd was disconnected" in page


@pytest.mark.parametrize(("days", "tone"), [(31, None), (29, "info"), (6, "held"), (0.9, "failed")])
def test_the_end_of_the_connection_is_announced(as_admin, days, tone):
    connected(hard_expires_at=timezone.now() + timedelta(days=days))
    page = card(as_admin)
    assert ("Intuit ends this connection on" in page) == (tone is not None)
    if tone:
        assert f'class="note tone-{tone}"' in page


def test_r17_a_company_outside_the_us_with_sales_tax_is_warned(as_admin):
    connected(country="GB", company={"uses_sales_tax": True})
    assert "tax code named exactly Exempt" in card(as_admin)


@pytest.mark.parametrize(
    ("field", "from_now", "words"),
    [
        ("last_pull_at", -timedelta(hours=2), "Behind"),
        ("back_off_until", timedelta(minutes=2), "Waiting"),
        ("paused_at", timedelta(0), "Paused"),
    ],
)
def test_health_in_words(as_admin, field, from_now, words):
    connected(**{field: timezone.now() + from_now})
    assert f"<strong>{words}</strong>" in card(as_admin)


def test_a_failed_import_says_why(as_admin, company):
    import_run(company, done=10, status=Run.Status.FAILED, message="QuickBooks had a problem.")
    page = card(as_admin)
    assert "The import stopped" in page
    assert "QuickBooks had a problem." in page


def test_the_servers_notice_is_shown(as_admin, settings):
    settings.QUICKBOOKS_SERVER_NOTICE = "This is a rehearsal."
    assert "This is a rehearsal." in card(as_admin)
