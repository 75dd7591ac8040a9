from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.quickbooks.mapping import read_record, read_stub
from integrations.quickbooks.records import CustomerRecord, Stub, Tombstone, Unreadable
from tests.quickbooks import samples

WRONG = [
    ("Customer", samples.without(samples.customer(), "MetaData"), "times are missing"),
    ("Customer", samples.without(samples.customer(), "SyncToken"), "SyncToken is missing"),
    ("Customer", samples.customer(SyncToken="-1"), "SyncToken is missing or not a number"),
    ("Customer", samples.customer(SyncToken="9" * 40), "SyncToken is too large"),
    ("Customer", samples.customer(SyncToken="²"), "SyncToken is missing or not a number"),
    ("Customer", samples.customer(Level="deep"), "its Level has a form that was not expected"),
    ("Customer", samples.customer(Level=10**12), "its level below other customers"),
    ("Customer", samples.customer(BillAddr="12 Row"), "its BillAddr has a form"),
    ("Customer", samples.customer(sparse=True), "only a part of it"),
    ("Customer", samples.customer(CurrencyRef={"value": "Dollars"}), "not a currency code"),
    ("Customer", samples.customer(MetaData={"CreateTime": "yesterday"}), "cannot be read"),
    (
        "Customer",
        samples.customer(MetaData=samples.METADATA | {"LastUpdatedTime": "2026-07-03T16:40:02"}),
        "time of change cannot be read",
    ),
    (
        "Customer",
        samples.customer(MetaData=samples.METADATA | {"CreateTime": "0001-01-01T00:00:00+14:00"}),
        "time of creation cannot be read",
    ),
    ("Item", samples.item(UnitPrice="NaN"), "not an amount that can be kept"),
    ("Item", samples.item(UnitPrice="a lot"), "its UnitPrice has a form"),
    ("Invoice", samples.without(samples.invoice(), "CustomerRef"), "its customer is missing"),
    ("Invoice", samples.without(samples.invoice(), "TotalAmt"), "its total is missing"),
    ("Invoice", samples.without(samples.invoice(), "TxnDate"), "its date is missing"),
    ("Invoice", samples.invoice(DueDate="soon"), "its due date cannot be read"),
    ("Invoice", samples.invoice(TotalAmt=10**20), "its total is not an amount"),
    ("Invoice", samples.invoice(Line=["x"]), "its Line[0] has a form"),
    ("Payment", samples.without(samples.payment(), "TotalAmt"), "its amount is missing"),
    ("Payment", samples.payment(Line=[{"Amount": 1, "LinkedTxn": [{}]}]), "a part of it pays"),
]


@pytest.mark.parametrize(("kind", "row", "why"), WRONG)
def test_a_row_that_cannot_be_mapped_is_set_aside_with_a_sentence(kind, row, why):
    raw = samples.encoded(row)
    found = read_record(kind, raw)
    assert isinstance(found, Unreadable)
    assert (found.kind, found.external_id, found.raw) == (kind, row["Id"], raw.decode())
    assert why in found.reason
    assert found.reason.endswith(".")
    assert row["Id"] not in repr(found).replace(f"external_id='{row['Id']}'", "")


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"7", b"[]", b'"text"', b"{", b'{"Id":"1","GivenName":"\xff"}']
)
def test_a_row_that_is_no_object_is_set_aside(raw):
    found = read_record("Customer", raw)
    assert isinstance(found, Unreadable)
    assert "\x00" not in found.raw


def test_r23_a_row_set_aside_tells_its_version_so_that_a_newer_one_is_tried():
    found = read_record("Item", samples.encoded(samples.item(Type="Assembly", SyncToken="4")))
    assert (found.sync_token, found.updated_at) == (
        4,
        datetime(2026, 7, 3, 23, 40, 2, tzinfo=UTC),
    )


def test_a_row_without_an_id_is_set_aside():
    found = read_record("Customer", samples.encoded(samples.without(samples.customer(), "Id")))
    assert isinstance(found, Unreadable)
    assert found.external_id is None
    assert "its Id is missing" in found.reason


def test_r13_a_deletion_stub_is_a_tombstone():
    stub = {
        "domain": "QBO",
        "status": "Deleted",
        "Id": "979",
        "MetaData": {"LastUpdatedTime": "2026-07-03T16:40:02-07:00"},
    }
    assert read_record("Invoice", samples.encoded(stub)) == Tombstone(
        "Invoice", "979", datetime(2026, 7, 3, 23, 40, 2, tzinfo=UTC)
    )
    del stub["MetaData"]
    assert read_record("Payment", samples.encoded(stub)) == Tombstone("Payment", "979", None)


def test_a_customer_called_deleted_is_not_a_tombstone():
    found = read_record("Customer", samples.encoded(samples.customer(DisplayName="Deleted")))
    assert isinstance(found, CustomerRecord)


def test_unknown_keys_are_ignored():
    row = samples.customer(NewThing={"a": [1, {"b": None}]}, Status="Deleted")
    assert isinstance(read_record("Customer", samples.encoded(row)), CustomerRecord)


def test_a_stub_reads_identity_and_age_only():
    raw = samples.encoded({"Id": "5", "sparse": True, "MetaData": samples.METADATA})
    changed, made = (
        datetime(2026, 7, 3, 23, 40, 2, tzinfo=UTC),
        datetime(2026, 1, 12, 17, 15, 30, tzinfo=UTC),
    )
    assert read_stub(raw) == Stub("5", None, changed, made)
    assert read_stub(b'{"Id":"5","SyncToken":"7"}') == Stub("5", 7, None)
    assert read_stub(b'{"SyncToken":"7"}') is None
    assert read_stub(b"nonsense") is None
