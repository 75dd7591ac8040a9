from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from contacts import display
from contacts.display.spans import roughly
from contacts.record_states import RecordState
from tests.factories import BusinessFactory, UserFactory


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234567.5", "USD", "1,234,567.50"),
        ("-0.01", "USD", "−0.01"),
        ("1500.00", "JPY", "1,500"),
        ("1500.25", "JPY", "1,500.25"),
        ("1.5", "KWD", "1.500"),
        ("0.1234567", "USD", "0.1234567"),
        ("1E+3", "USD", "1,000.00"),
        ("99999999999999999.99", "USD", "99,999,999,999,999,999.99"),
    ],
)
def test_amounts_are_exact_and_grouped(amount, currency, text):
    assert display.plain_amount(Decimal(amount), currency) == text


def test_what_a_record_holds_is_escaped():
    state = RecordState("<b>", "held", reason='"><script>')
    assert "<script>" not in display.state_badge(state)
    assert "<b>" not in display.money(Decimal(1), "<b>")


@pytest.mark.django_db
def test_an_instant_is_told_on_the_companys_clock():
    BusinessFactory(time_zone="Pacific/Auckland")
    instant = datetime.datetime(2026, 11, 22, 20, 30, tzinfo=datetime.UTC)
    assert "23 Nov 2026, 09:30:00 (NZDT)" in display.when(instant)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ago", "text"),
    [(2, "just now"), (45, "45 s ago"), (150, "2 min ago"), (7300, "2 h ago"), (-300, "in 4 min")],
)
def test_recent_instants_are_relative(ago, text):
    assert f">{text}<" in display.when(timezone.now() - datetime.timedelta(seconds=ago))


def test_missing_values_are_a_dash():
    assert display.money(None) == display.day(None) == display.when(None)


@pytest.mark.django_db
def test_a_person_without_a_name_has_an_initial(as_staff):
    UserFactory(email="zoe@business.example")
    assert ">S</span>" in as_staff.get("/settings/profile/").content.decode()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (4, "a few seconds"),
        (33, "about 30 s"),
        (55, "about 1 min"),
        (95, "about 1½ min"),
        (110, "about 2 min"),
        (149, "about 2½ min"),
        (151, "about 3 min"),
        (89 * 60, "about 89 min"),
        (3 * 3600, "about 3 h"),
    ],
)
def test_r3_time_left_is_said_no_more_exactly_than_it_is_known(seconds, said):
    assert roughly(datetime.timedelta(seconds=seconds)) == said
