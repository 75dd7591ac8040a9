"""Sync now, pause, resume: admins, by POST, repeatable (R24)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from integrations.models import Connection
from tests.pages.conftest import connected

BUTTONS = ("sync", "pause", "resume")


def press(client, name, **data):
    return client.post(reverse(f"integrations:{name}"), data)


@pytest.mark.parametrize("name", BUTTONS)
def test_staff_cannot_press(as_staff, company, name):
    assert press(as_staff, name).status_code == 403
    company.refresh_from_db()
    assert (company.paused_at, company.wanted) == (None, 0)
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("name", BUTTONS)
def test_a_get_does_nothing(as_admin, company, name):
    assert as_admin.get(reverse(f"integrations:{name}")).status_code == 405


def test_r24_sync_now_asks_for_one_pull(as_admin, company):
    assert press(as_admin, "sync").status_code == 302
    assert OrmQ.objects.count() == 1
    company.refresh_from_db()
    assert company.wanted == 1


@pytest.mark.parametrize("name", ["sync", "resume"])
def test_r24_a_wish_that_nobody_serves_does_not_hold_up_a_person(as_admin, company, name):
    """What a failed or paused pull left waits for the poll; who presses a button does not."""
    paused = timezone.now() if name == "resume" else None
    Connection.objects.filter(pk=company.pk).update(wanted=3, served=1, paused_at=paused)
    press(as_admin, name)
    assert OrmQ.objects.count() == 1


def test_sync_now_says_so_when_there_is_nothing_to_sync(as_admin):
    response = as_admin.post(reverse("integrations:sync"), follow=True)
    assert "Nothing to sync" in response.content.decode()


def test_a_copy_cannot_be_synced(as_admin):
    connected(site_url="https://elsewhere.example")
    press(as_admin, "sync")
    assert not OrmQ.objects.exists()


def test_r24_pause_and_resume(as_admin, company):
    press(as_admin, "pause")
    company.refresh_from_db()
    paused = company.paused_at
    assert paused
    press(as_admin, "pause")
    company.refresh_from_db()
    assert company.paused_at == paused

    press(as_admin, "resume")
    company.refresh_from_db()
    assert company.paused_at is None
    assert OrmQ.objects.count() == 1
    assert Connection.objects.working().exists()


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/activity/", "/activity/"),
        ("https://evil.example/", "/settings/integrations/"),
        ("//evil.example/", "/settings/integrations/"),
        ("home", "/settings/integrations/"),
        ("no view of ours", "/settings/integrations/"),
        ("", "/settings/integrations/"),
    ],
)
def test_the_way_back_stays_on_this_site(as_admin, company, wanted, lands):
    assert press(as_admin, "pause", next=wanted).headers["Location"] == lands
