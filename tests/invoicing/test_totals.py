"""Figures: exact, half up to the cent, and never more taken off than there is."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.services.invoicing import AmountsError, Line, totals_of


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("1", "0.005", "0.01"),
        ("1", "0.0049999", "0.00"),
        ("3", "0.335", "1.01"),
        ("0.5", "0.01", "0.01"),
        ("1", "-0.005", "-0.01"),
        ("1.005", "1", "1.01"),
        ("2.675", "1", "2.68"),
        ("1.0000001", "100", "100.00"),
        ("9999999", "999.99", "9999899000.01"),
        ("0", "5", "0.00"),
    ],
)
def test_a_line_is_rounded_half_up(quantity, price, amount):
    line = Line(quantity=Decimal(quantity), unit_price=Decimal(price))
    assert str(line.amount) == amount


@pytest.mark.parametrize(
    ("amounts", "percent", "discount", "total"),
    [
        (["10.00"], "33.3333", "3.33", "6.67"),
        (["0.01"], "50", "0.01", "0.00"),
        (["99.99"], "0.005", "0.00", "99.99"),
        (["100.00", "0.10"], "12.5", "12.51", "87.59"),
        (["4495.16"], "9.975", "448.39", "4046.77"),
        (["250.00"], "100", "250.00", "0.00"),
        ([], "10", "0.00", "0.00"),
    ],
)
def test_a_percentage_is_of_the_subtotal_rounded_half_up(amounts, percent, discount, total):
    totals = totals_of(map(Decimal, amounts), discount_percent=Decimal(percent))
    assert (str(totals.discount), str(totals.total)) == (discount, total)


def test_text_lines_add_nothing():
    assert totals_of([None, Decimal("1.00")]).total == Decimal("1.00")


def test_a_percentage_wins_over_an_amount():
    totals = totals_of([Decimal(100)], Decimal(99), Decimal(10))
    assert totals.discount == Decimal(10)


quantities = st.decimals(min_value=0, max_value=10**5, places=7)
prices = st.decimals(min_value=-(10**4), max_value=10**4, places=7)
percents = st.decimals(min_value=0, max_value=100, places=4)


@given(quantities, prices)
def test_a_line_is_within_half_a_cent_of_the_exact_product(quantity, price):
    amount = Line(quantity=quantity, unit_price=price).amount
    assert abs(Fraction(amount) - Fraction(quantity) * Fraction(price)) <= Fraction(1, 200)
    assert amount == amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@given(st.lists(st.tuples(quantities, prices), max_size=20), percents)
def test_the_total_is_what_its_parts_say(rows, percent):
    amounts = [Line(quantity=q, unit_price=p).amount for q, p in rows]
    try:
        totals = totals_of(amounts, discount_percent=percent)
    except AmountsError:
        assert sum(amounts) < 0 or sum(amounts) > Decimal("9999999999.99")
        return
    assert totals.subtotal == sum(amounts)
    assert totals.subtotal - totals.discount == totals.total
    assert 0 <= totals.discount <= totals.subtotal
    assert totals.total.as_tuple().exponent == -2
