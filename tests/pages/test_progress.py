"""The import's progress (R3): moves by itself, works without scripts, ends by itself."""

from __future__ import annotations

import re

from django.urls import reverse
from django.utils import timezone

from integrations.models import ImportProgress, Run
from tests.pages.conftest import CARD, connected
from tests.pages.records import aside, import_run

HTMX = {"HTTP_HX_REQUEST": "true"}


def poll(client, **query):
    response = client.get(reverse("integrations:progress"), query, **HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_r3_a_bar_per_kind_with_words_for_everyone(as_staff, company):
    import_run(company, done=1240)
    page = as_staff.get(CARD).content.decode()
    assert 'aria-valuenow="41"' in page
    assert re.search(r'aria-valuetext="1,240 of 3,000 customers, about \d+ s left"', page)
    assert "Asking for products" in page


def test_r3_a_bar_never_runs_beyond_its_total(as_staff, company):
    import_run(company, done=3005)
    page = as_staff.get(CARD).content.decode()
    assert "3,005 of 3,005 customers" in page


def test_r3_the_page_survives_a_reload_and_works_without_scripts(as_staff, company):
    import_run(company, done=1240)
    page = as_staff.get(CARD).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "1,240 of 3,000 customers" in as_staff.get(CARD).content.decode()


def test_r3_polling_ends_by_itself(as_staff, company):
    run = import_run(company, done=1240)
    assert 'hx-trigger="every 1s"' in poll(as_staff)
    ImportProgress.objects.update(finished_at=timezone.now())
    Run.objects.filter(pk=run.pk).update(status=Run.Status.DONE, finished_at=timezone.now())
    answer = poll(as_staff)
    assert "hx-trigger" not in answer
    assert "hx-get" not in answer
    assert "Import finished" in answer
    assert "In step" in answer
    assert "http-equiv" not in as_staff.get(CARD).content.decode()


def test_polling_ends_when_the_company_is_disconnected_meanwhile(as_staff, db):
    assert "hx-trigger" not in poll(as_staff)


def test_a_screen_reader_is_told_each_step_once(as_staff, company):
    import_run(company, done=1240)
    first = poll(as_staff)
    assert 'id="import-status"' in first
    said = re.search(r"said=([^\"]+)\"", first).group(1)
    again = as_staff.get(f"{reverse('integrations:progress')}?said={said}", **HTMX)
    assert 'id="import-status"' not in again.content.decode()


def test_r3_the_summary_counts_and_says_why(as_staff, company):
    run = import_run(company, done=3000, status=Run.Status.DONE)
    for number in range(3):
        aside(company, external_id=str(number), run=run.pk)
    aside(company, external_id="9", reason="inactive", run=run.pk)
    page = as_staff.get(CARD).content.decode()
    assert "3 × No email address, 1 × Inactive in QuickBooks" in page
    assert reverse("integrations:run_csv", args=[run.pk]) in page
    assert reverse("integrations:skipped") in page
    assert "in 10 s" in page


def test_opened_as_a_page_it_leads_to_the_card(as_staff, company):
    assert as_staff.get(reverse("integrations:progress")).headers["Location"] == CARD


def test_r19_the_end_of_a_reset_brings_the_facts_of_an_open_card_up_to_date(as_staff, company):
    run = import_run(company, done=5, kind=Run.Kind.RESET)
    assert 'id="card-facts"' not in poll(as_staff)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.DONE, finished_at=timezone.now())
    company.invoices_since = timezone.now().replace(year=2031, month=5, day=7)
    company.save()

    answer = poll(as_staff)

    assert 'id="card-facts" hx-swap-oob="true"' in answer
    assert "7 May 2031" in answer


def test_r17_exempt_is_not_missed_before_it_was_looked_for(as_staff):
    company = connected(country="GB", company={"uses_sales_tax": True})
    run = import_run(company, done=0)
    page = as_staff.get(CARD).content.decode()
    assert "tax code Exempt is being looked up" in page
    assert "Invoices made here wait" not in page

    Run.objects.filter(pk=run.pk).update(read_from=timezone.now())

    assert "Invoices made here wait" in as_staff.get(CARD).content.decode()
