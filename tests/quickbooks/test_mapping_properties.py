from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from integrations.quickbooks.mapping import read_record, read_stub
from integrations.quickbooks.mapping.text import address, line, name, paragraph
from integrations.quickbooks.records import (
    CustomerRecord,
    InvoiceRecord,
    ItemRecord,
    PaymentRecord,
    Tombstone,
    Unreadable,
)
from tests.quickbooks import samples

RECORDS = CustomerRecord | ItemRecord | InvoiceRecord | PaymentRecord | Tombstone | Unreadable
SAMPLES = {
    "Customer": samples.customer(),
    "Item": samples.item(),
    "Invoice": samples.invoice(),
    "Payment": samples.payment(),
}

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Deleted", "0", "-1", "NaN", "1e999", "2026-02-30", "a@b.c", "(deleted)"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
#: The same without what is no JSON.
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
cents = st.integers(-(10**9), 10**9).map(lambda value: Decimal(value).scaleb(-2))


@st.composite
def damaged_rows(draw):
    """A proper row with some of its keys, at any depth, gone or holding anything at all."""
    kind = draw(st.sampled_from(sorted(SAMPLES)))
    row = json.loads(json.dumps(SAMPLES[kind]))
    for _ in range(draw(st.integers(1, 3))):
        place = row
        while True:
            key = draw(st.sampled_from(sorted(place)))
            inner = place[key]
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                inner = inner[0]
            if isinstance(inner, dict) and inner and draw(st.booleans()):
                place = inner
                continue
            if draw(st.booleans()):
                place[key] = draw(anything)
            elif len(place) > 1:
                del place[key]
            break
    return kind, json.dumps(row).encode()


@given(damaged_rows())
def test_no_row_of_any_company_raises(case):
    kind, raw = case
    found = read_record(kind, raw)
    assert isinstance(found, RECORDS)
    assert "\x00" not in (found.raw if not isinstance(found, Tombstone) else "")
    if isinstance(found, CustomerRecord):
        assert found.sync_token >= 0
        assert found.created_at.tzinfo is not None
        assert not found.email or "@" in found.email
    if isinstance(found, InvoiceRecord):
        assert found.subtotal - found.discount + found.tax == found.total
        assert [each.position for each in found.lines] == list(range(1, len(found.lines) + 1))


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.dictionaries(st.text(min_size=1, max_size=40).map("x{}".format), any_json, max_size=4),
    st.randoms(use_true_random=False),
)
def test_keys_that_nobody_knows_change_nothing(kind, unknown, chance):
    def with_unknown(value):
        if isinstance(value, list):
            return [with_unknown(each) for each in value]
        if not isinstance(value, dict):
            return value
        more = dict(chance.sample(sorted(unknown.items()), chance.randint(0, len(unknown))))
        return {name: with_unknown(each) for name, each in value.items()} | more

    plain = read_record(kind, samples.encoded(SAMPLES[kind]))
    found = read_record(kind, samples.encoded(with_unknown(SAMPLES[kind])))

    assert replace(found, raw="") == replace(plain, raw="")


@given(st.text(max_size=30), st.integers(0, 400))
def test_text_of_any_length_and_alphabet_arrives_whole(text, times):
    long = text * times
    found = read_record("Customer", samples.encoded(samples.customer(CompanyName=long)))
    assert isinstance(found, CustomerRecord)
    assert found.company == name(long)


@given(st.sampled_from(sorted(SAMPLES)), st.binary(max_size=200))
def test_no_bytes_raise(kind, raw):
    assert isinstance(read_record(kind, raw), RECORDS)
    read_stub(raw)


@given(st.text())
def test_text_comes_out_fit_for_a_column_and_cleaning_twice_changes_nothing(text):
    for clean in (line, paragraph, name, address):
        once = clean(text)
        assert clean(once) == once
        assert "\x00" not in once
        once.encode()
    assert "\n" not in line(text)
    assert not line(text).startswith(" ")


@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12), max_size=4)
)
def test_r7_an_address_is_one_word_with_something_on_both_sides(parts):
    found = address(",".join(parts))
    if found:
        mailbox, _, host = found.rpartition("@")
        assert mailbox
        assert host
        assert not set(found) & set(" ,;\t\n\u00a0")


@given(
    st.lists(cents, min_size=1, max_size=6),
    st.lists(cents, max_size=2),
    cents,
    st.randoms(use_true_random=False),
)
def test_money_adds_up_to_the_cent(prices, discounts, tax, shuffler):
    """Where QuickBooks' own numbers add up, the subtotal is the sum of the lines."""
    lines = [samples.item_line(0) | {"Amount": f"{each}"} for each in prices]
    lines += [samples.discount_line(0) | {"Amount": f"{each}"} for each in discounts]
    lines += [samples.subtotal_line(f"{sum(prices)}"), samples.text_line("thank you")]
    shuffler.shuffle(lines)
    total = sum(prices) - sum(discounts) + tax
    row = samples.invoice(Line=lines, TxnTaxDetail={"TotalTax": f"{tax}"}, TotalAmt=f"{total}")
    # As bare numbers with every digit, the way QuickBooks writes them.
    raw = samples.encoded(row)
    for each in {*prices, *discounts, tax, total, sum(prices)}:
        raw = raw.replace(f'": "{each}"'.encode(), f'": {each}'.encode())
    found = read_record("Invoice", raw)
    assert isinstance(found, InvoiceRecord)
    assert found.subtotal == sum(prices) == sum(each.amount or 0 for each in found.lines)
    assert (found.discount, found.tax, found.total) == (sum(discounts), tax, total)
