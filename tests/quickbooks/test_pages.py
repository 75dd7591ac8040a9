from __future__ import annotations

import json

import pytest

from integrations.quickbooks import pages
from integrations.quickbooks.faults import UnexpectedAnswer
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import CustomerRecord, Unreadable
from tests.quickbooks import samples


def rows_of(body):
    inside = pages.split_object(pages.split_object(body)["QueryResponse"])
    return pages.split_rows(inside["Customer"])


def test_each_row_keeps_its_exact_bytes():
    body = b'{"QueryResponse":{"Customer":[{"Id":"1", "x":1005.00},{"Id" : "2"}]}}'
    assert rows_of(body) == [b'{"Id":"1", "x":1005.00}', b'{"Id" : "2"}']


def test_one_bad_row_does_not_cost_the_others():
    good = samples.customer(Id="1")
    body = samples.page("Customer", [good, {"Id": "2"}, 7, samples.customer(Id="3")])
    found = [read_record("Customer", raw) for raw in rows_of(body)]
    assert [type(each) for each in found] == [
        CustomerRecord,
        Unreadable,
        Unreadable,
        CustomerRecord,
    ]


def test_half_an_emoji_in_one_name_does_not_cost_the_page():
    row = samples.encoded(samples.customer(DisplayName="CUT")).replace(b"CUT", rb"Hay \ud83d")
    whole = samples.encoded(samples.customer(DisplayName="ok")).replace(b'"ok"', rb'"\ud83d\ude00"')
    literal = samples.encoded(samples.customer(DisplayName=r"a\ud83d"))
    body = b'{"QueryResponse":{"Customer":[%s,%s,%s]}}' % (row, whole, literal)
    names = [read_record("Customer", raw).display_name for raw in rows_of(body)]
    assert names == ["Hay \ufffd", "😀", r"a\ud83d"]


def test_bytes_that_are_no_utf8_do_not_cost_the_page():
    row = samples.encoded(samples.customer(DisplayName="CUT")).replace(b"CUT", b"Caf\xe9")
    found = [read_record("Customer", each) for each in (row, *rows_of(_page_of(row)))]
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[1], CustomerRecord | Unreadable)
    assert rows_of(_page_of(samples.encoded(samples.customer()) + b"," + row))


def _page_of(rows):
    return b'{"QueryResponse":{"Customer":[%s]}}' % rows


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"<html>", b'{"a":1.5.5}', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_an_unexpected_answer(body):
    with pytest.raises(UnexpectedAnswer):
        pages.split_object(body)


def test_endless_nesting_is_an_unexpected_answer():
    deep = b"[" * 200_000
    with pytest.raises(UnexpectedAnswer):
        pages.split_object(b'{"a":' + deep)
    with pytest.raises(UnexpectedAnswer):
        pages.split_rows(deep)
    with pytest.raises(UnexpectedAnswer):
        pages.plain(deep)


def test_a_thousand_customers_are_read_in_one_go():
    body = samples.page("Customer", [samples.customer(Id=str(n)) for n in range(1000)])
    found = [read_record("Customer", raw) for raw in rows_of(body)]
    assert [each.external_id for each in found] == [str(n) for n in range(1000)]
    assert json.loads(found[7].raw) == samples.customer(Id="7")
