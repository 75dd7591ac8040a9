"""The first page: sums per currency, months and ages on the company's calendar."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts import charts, overview
from tests.factories import BusinessFactory, ContactFactory, InvoiceFactory, PaymentFactory

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 23)


def days(number):
    return TODAY + datetime.timedelta(days=number)


def test_sums_never_mix_currencies_and_the_home_currency_comes_first():
    InvoiceFactory(sent=True, currency="EUR", subtotal="10.10", due_date=days(5))
    InvoiceFactory(sent=True, currency="USD", subtotal="20.20", due_date=days(-1))
    InvoiceFactory(sent=True, currency="USD", subtotal="0.01", due_date=None)
    PaymentFactory(currency="CAD", amount="5.00", date=TODAY)

    found = {s.currency: s for s in overview.standings(TODAY, "USD")}

    assert list(found) == ["USD", "CAD", "EUR"]
    assert (found["USD"].owed, found["USD"].overdue) == (Decimal("20.21"), Decimal("20.20"))
    assert (found["USD"].owed_count, found["USD"].overdue_count) == (2, 1)
    assert (found["EUR"].owed, found["EUR"].overdue) == (Decimal("10.10"), Decimal(0))
    assert found["CAD"].owed == 0
    assert found["CAD"].received_this_month == Decimal("5.00")


def test_drafts_void_and_paid_invoices_are_not_owed():
    InvoiceFactory()
    InvoiceFactory(void=True)
    InvoiceFactory(paid=True)
    assert overview.standings(TODAY, "USD") == []


@pytest.mark.parametrize(
    ("due_in", "age"),
    [
        (0, 0),
        (9, 0),
        (-1, 1),
        (-30, 1),
        (-31, 2),
        (-60, 2),
        (-61, 3),
        (-90, 3),
        (-91, 4),
        (-900, 4),
    ],
)
def test_every_overdue_day_belongs_to_one_age(due_in, age):
    InvoiceFactory(sent=True, due_date=days(due_in))
    [standing] = overview.standings(TODAY, "USD")
    assert [n for n, amount in enumerate(standing.ages) if amount] == [age]


def test_months_are_the_last_twelve_with_empty_ones():
    PaymentFactory(date=datetime.date(2025, 12, 1), amount="1.00")
    PaymentFactory(date=datetime.date(2026, 11, 30), amount="2.00")
    PaymentFactory(date=datetime.date(2025, 11, 30), amount="99.00")
    PaymentFactory(date=datetime.date(2026, 12, 1), amount="99.00")
    PaymentFactory(date=TODAY, amount="99.00", voided_at="2026-11-23T10:00Z")
    [standing] = overview.standings(TODAY, "USD")
    assert list(standing.months) == [
        datetime.date(2025, 12, 1),
        *(datetime.date(2026, month, 1) for month in range(1, 12)),
    ]
    assert list(standing.months.values()) == [Decimal(1), *[Decimal(0)] * 10, Decimal(2)]


def test_due_soon_begins_today_and_ends_in_two_weeks():
    InvoiceFactory(sent=True, due_date=days(-1))
    inside = [InvoiceFactory(sent=True, due_date=days(n)) for n in (0, 14)]
    InvoiceFactory(sent=True, due_date=days(15))
    assert overview.due_soon(TODAY) == inside


@pytest.mark.parametrize("largest", ["0.01", "1", "9.99", "10", "1234.56", "99999999999.99"])
def test_the_highest_bar_stays_below_the_highest_line(largest):
    chart = charts.age_chart([("a", "a"), ("b", "b")], [Decimal(largest), Decimal(0)])
    assert chart.bars[0].y >= chart.lines[-1].y - 0.1
    assert 2 <= len(chart.lines) <= 6
    assert chart.bars[1].height == 0


def test_an_empty_installation_leads_an_admin_to_the_integrations(as_admin):
    page = as_admin.get("/").content.decode()
    assert 'href="/settings/integrations/"' in page
    assert "Connect QuickBooks" in page


def test_staff_are_not_led_where_they_may_not_go(as_staff):
    assert "/settings/integrations/" not in as_staff.get("/").content.decode()


def test_figures_of_one_currency_at_a_time_in_few_queries(as_staff, django_assert_max_num_queries):
    BusinessFactory()
    today = datetime.datetime.now(datetime.UTC).date()
    for currency, amount in (("USD", "1111.00"), ("EUR", "2222.00")):
        InvoiceFactory(sent=True, currency=currency, subtotal=amount, due_date=today)
    ContactFactory.create_batch(3)
    with django_assert_max_num_queries(10):
        page = as_staff.get("/?currency=EUR").content.decode()
    owed = page.split("Owed to you")[1].split("</a>")[0]
    assert "2,222.00" in owed
    assert "1,111.00" not in owed
    assert as_staff.get("/?currency=nonsense").status_code == 200
