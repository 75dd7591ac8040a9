from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.quickbooks.query import count_of, quoted, select_page, written_instant

NOON = datetime(2026, 7, 4, 12, 0, 0, 987654, tzinfo=UTC)


def unquoted(literal):
    """Read a literal the way the service does; fail where its quotes end too early or never."""
    assert literal[0] == literal[-1] == "'"
    text, inside = "", iter(literal[1:-1])
    for char in inside:
        assert char != "'"
        text += next(inside) if char == "\\" else char
    return text


@given(st.text())
def test_any_text_stays_inside_its_quotes(text):
    plain = "".join(" " if char < " " or char == "\x7f" else char for char in text)
    assert unquoted(quoted(text)) == plain


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("Amy's Bird Sanctuary", r"'Amy\'s Bird Sanctuary'"),
        ("back\\slash", r"'back\\slash'"),
        ("\\' OR 1=1", r"'\\\' OR 1=1'"),
        ("two\nlines", "'two lines'"),
        ("R&D 100%", "'R&D 100%'"),
    ],
)
def test_quotes_are_escaped_with_a_backslash(text, literal):
    assert quoted(text) == literal


def test_times_are_cut_to_the_second_and_carry_an_offset_without_a_plus():
    assert written_instant(NOON) == "2026-07-04T04:00:00-08:00"
    east = NOON.astimezone(timezone(timedelta(hours=13)))
    assert written_instant(east) == written_instant(NOON)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="naive"):
        written_instant(NOON.replace(tzinfo=None))


def test_name_lists_are_read_with_their_inactive_rows_in_order_of_id():
    assert select_page("Customer") == (
        "SELECT * FROM Customer WHERE Active IN (true,false)"
        " ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"
    )
    assert count_of("Item") == "SELECT COUNT(*) FROM Item WHERE Active IN (true,false)"


def test_transactions_have_no_active():
    assert select_page("Invoice", created_from=NOON, start=1001, size=500) == (
        "SELECT * FROM Invoice WHERE MetaData.CreateTime >= '2026-07-04T04:00:00-08:00'"
        " ORDERBY Id STARTPOSITION 1001 MAXRESULTS 500"
    )
    assert count_of("Payment") == "SELECT COUNT(*) FROM Payment"


def test_pages_by_time_of_change_include_both_ends():
    assert select_page(
        "Payment", updated_from=NOON, updated_to=NOON, order="MetaData.LastUpdatedTime"
    ) == (
        "SELECT * FROM Payment WHERE MetaData.LastUpdatedTime >= '2026-07-04T04:00:00-08:00'"
        " AND MetaData.LastUpdatedTime <= '2026-07-04T04:00:00-08:00'"
        " ORDERBY MetaData.LastUpdatedTime STARTPOSITION 1 MAXRESULTS 1000"
    )


def test_look_ups_by_id_and_by_field():
    assert "WHERE Id IN ('5', '6') ORDERBY" in select_page("Invoice", ids=["5", "6"])
    assert select_page("Customer", where={"DisplayName": "O'Neil"}, size=1) == (
        r"SELECT * FROM Customer WHERE DisplayName = 'O\'Neil' AND Active IN (true,false)"
        " ORDERBY Id STARTPOSITION 1 MAXRESULTS 1"
    )


@pytest.mark.parametrize(
    "wrong", [{"start": 0}, {"size": 0}, {"size": 1001}, {"where": {"Id = '1' --": "x"}}]
)
def test_what_the_language_cannot_say_is_refused(wrong):
    with pytest.raises(ValueError, match=r"pages|name"):
        select_page("Invoice", **wrong)


def test_r11_items_are_asked_for_with_their_sku():
    """Facts 4.2: `select *` may leave it out."""
    assert select_page("Item", size=10) == (
        "SELECT *, Sku FROM Item WHERE Active IN (true,false)"
        " ORDERBY Id STARTPOSITION 1 MAXRESULTS 10"
    )
