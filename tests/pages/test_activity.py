"""Activity (R24) and the API budget (R26)."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import DailyCount, Run
from tests.pages.conftest import connected

LIST = "/activity/"


def run(company, **fields):
    now = timezone.now()
    values = {
        "connection": company,
        "kind": Run.Kind.PULL,
        "trigger": Run.Trigger.POLL,
        "status": Run.Status.DONE,
        "started_at": now,
        "finished_at": now + datetime.timedelta(seconds=1.5),
    }
    return Run.objects.create(**values | fields)


def page(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return response.content.decode().replace("\xa0", " ")


def test_r24_a_run_with_its_counts_calls_and_duration(as_staff, company):
    run(company, trigger="webhook", created=2, updated=1, skipped=3, api_calls=4)
    shown = page(as_staff)
    for words in ("Changes from QuickBooks", "2 created, 1 updated, 3 skipped", "1.5 s", ">4<"):
        assert words in shown


def test_r24_idle_polls_are_one_line(as_staff, company):
    run(company, kind="idle", repeats=47)
    assert "Nothing new × 47" in page(as_staff)


def test_a_failure_says_why(as_staff, company):
    run(company, status="failed", message="QuickBooks could not be reached.")
    shown = page(as_staff)
    assert "Failed" in shown
    assert "QuickBooks could not be reached." in shown


def test_a_person_is_named(as_staff, company, admin):
    run(company, trigger="person", by=admin)
    assert str(admin) in page(as_staff)


def test_newest_first_and_filtered(as_staff, company):
    old = run(company, started_at=timezone.now() - datetime.timedelta(days=1), kind="import")
    new = run(company)
    response = as_staff.get(LIST)
    assert [row.pk for row in response.context["page"].rows] == [new.pk, old.pk]
    response = as_staff.get(LIST, {"kind": "import"})
    assert [row.pk for row in response.context["page"].rows] == [old.pk]


def test_r24_controls_are_the_admins(as_staff, as_admin, company):
    sync, pause = reverse("integrations:sync"), reverse("integrations:pause")
    assert sync in page(as_admin)
    assert pause in page(as_admin)
    shown = page(as_staff)
    assert sync not in shown
    assert pause not in shown


def test_r26_reads_and_writes_of_this_month(as_staff, company):
    today = datetime.datetime.now(datetime.UTC).date()
    last_month = today.replace(day=1) - datetime.timedelta(days=1)
    DailyCount.objects.create(day=today, name="reads", count=12_500)
    DailyCount.objects.create(day=today, name="writes", count=40)
    DailyCount.objects.create(day=last_month, name="reads", count=400_000)
    shown = page(as_staff)
    assert "12,500" in shown
    assert "2 % of the 500,000" in shown
    assert "tone-held" not in shown


@pytest.mark.parametrize(("reads", "tone"), [(400_000, "held"), (500_000, "failed")])
def test_r26_nearing_the_allowance_is_said(as_staff, company, reads, tone):
    today = datetime.datetime.now(datetime.UTC).date()
    DailyCount.objects.create(day=today, name="reads", count=reads)
    assert f"note tone-{tone}" in page(as_staff)


def test_empty_activity(as_staff, db):
    assert "Nothing has run yet" in page(as_staff)


def test_after_disconnect_the_last_companys_runs_stay(as_staff, db):
    former = connected(
        status="disconnected",
        access_token="",
        refresh_token="",
        disconnected_at=timezone.now(),
    )
    run(former, kind="import", created=7)
    shown = page(as_staff)
    assert "7 created" in shown
    assert "QuickBooks is not connected" in shown


def test_queries_do_not_grow_with_the_list(as_staff, company, admin, django_assert_num_queries):
    as_staff.get(LIST)
    run(company)
    with django_assert_num_queries(6):
        as_staff.get(LIST)
    for _ in range(60):
        run(company, by=admin, trigger="person")
    with django_assert_num_queries(6):
        as_staff.get(LIST)
