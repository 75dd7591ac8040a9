from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.quickbooks.webhooks import MalformedDelivery, parse


def event(**changes):
    return {
        "specversion": "1.0",
        "id": "3f1c2a90-0000-4000-8000-000000000001",
        "source": "intuit.abc=",
        "type": "qbo.customer.created.v1",
        "datacontenttype": "application/json",
        "time": "2026-07-04T21:31:25.179851517Z",
        "intuitentityid": "1234",
        "intuitaccountid": "310687",
        "data": {},
    } | changes


def legacy(**changes):
    entity = {
        "id": "1234",
        "operation": "Create",
        "name": "Customer",
        "lastUpdated": "2026-07-04T13:31:25-0800",
    } | changes
    change = {"realmId": "310687", "dataChangeEvent": {"entities": [entity]}}
    return {"eventNotifications": [change]}


def parsed(payload):
    return parse(json.dumps(payload).encode())


def one(**changes):
    (found,) = parsed([event(**changes)])
    return found


def test_a_cloud_event():
    found = one()
    assert (found.realm, found.kind, found.operation) == ("310687", "Customer", "created")
    assert (found.external_id, found.deleted_id) == ("1234", None)
    assert found.at == datetime(2026, 7, 4, 21, 31, 25, 179851, tzinfo=UTC)
    assert found.known is True


def test_a_legacy_notification():
    (found,) = parsed(legacy())
    assert (found.realm, found.kind, found.operation) == ("310687", "Customer", "created")
    assert (found.event_id, found.external_id) == (None, "1234")
    assert found.at == datetime(2026, 7, 4, 21, 31, 25, tzinfo=UTC)


def test_a_single_event_outside_an_array_and_ids_as_numbers():
    (found,) = parsed(event(intuitentityid=1234, intuitaccountid=310687))
    assert (found.realm, found.external_id, found.known) == ("310687", "1234", True)


def test_events_of_several_realms_in_one_delivery():
    found = parsed([event(), event(intuitaccountid="4711"), event(intuitaccountid="310687")])
    assert [each.realm for each in found] == ["310687", "4711", "310687"]


@pytest.mark.parametrize(
    ("type_", "kind", "operation"),
    [
        ("qbo.invoice.void.v1", "Invoice", "voided"),
        ("qbo.invoice.voided.v1", "Invoice", "voided"),
        ("QBO.Invoice.Updated.V1", "Invoice", "updated"),
        ("qbo.salesreceipt.emailed.v1", "SalesReceipt", "emailed"),
        ("qbo.payment.deleted.v1", "Payment", "deleted"),
        ("qbo.item.merged.v2", "Item", "merged"),
    ],
)
def test_names_are_read_in_any_case_and_tense(type_, kind, operation):
    found = one(type=type_)
    assert (found.kind, found.operation, found.known) == (kind, operation, True)


@pytest.mark.parametrize("operation", ["Create", "Update", "Delete", "Merge", "Void", "Emailed"])
def test_legacy_operations_are_known(operation):
    assert parsed(legacy(operation=operation))[0].known


def test_r5_a_merge_names_who_vanished():
    found = one(type="qbo.customer.merged.v1", data={"deletedid": "27"})
    assert (found.external_id, found.deleted_id) == ("1234", "27")
    assert parsed(legacy(operation="Merge", deletedId="27"))[0].deleted_id == "27"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "qbo.spaceship.created.v1"},
        {"type": "qbo.customer.teleported.v1"},
        {"type": "payments.customer.created.v1"},
        {"type": "hello"},
        {"type": None},
        {"intuitaccountid": ""},
        {"intuitaccountid": None},
        {"intuitentityid": {"x": 1}},
    ],
)
def test_what_is_new_to_us_is_kept_and_marked(changes):
    found = parsed([event(**changes), event()])
    assert [each.known for each in found] == [False, True]


def test_data_may_be_missing_or_something_else():
    bare = event()
    del bare["data"], bare["datacontenttype"]
    assert parsed([bare, event(data=None), event(data={"alternative_ids": []})])[2].known


@pytest.mark.parametrize(
    ("time", "micro"),
    [
        ("2026-07-04T21:31:25Z", 0),
        ("2026-07-04T21:31:25.1Z", 100000),
        ("2026-07-04T21:31:25.123Z", 123000),
        ("2026-07-04T14:31:25.123456-07:00", 123456),
        ("2026-07-04T14:31:25.123456789-0700", 123456),
    ],
)
def test_times_of_any_precision_and_offset(time, micro):
    assert one(time=time).at == datetime(2026, 7, 4, 21, 31, 25, micro, tzinfo=UTC)


@pytest.mark.parametrize("time", ["", None, "now", "2026-07-04T21:31:25", 12])
def test_a_time_that_cannot_be_read_is_none(time):
    found = one(time=time)
    assert (found.at, found.known) == (None, True)


def test_repeated_deliveries_have_one_key():
    assert one().dedupe_key == one().dedupe_key
    first, again = parsed(legacy())[0], parsed(legacy())[0]
    assert first.dedupe_key == again.dedupe_key
    assert len(first.dedupe_key) == 64


def test_different_events_have_different_keys():
    told = [
        one(),
        one(id="another"),
        one(intuitentityid="5"),
        one(intuitaccountid="5"),
        one(type="qbo.customer.updated.v1"),
        parsed(legacy())[0],
        parsed(legacy(lastUpdated="2026-07-04T13:31:26-0800"))[0],
        parsed(legacy(operation="Update"))[0],
        parsed(legacy(operation="Merge", deletedId="6"))[0],
        parsed(legacy(operation="Merge", deletedId="7"))[0],
    ]
    assert len({each.dedupe_key for each in told}) == len(told)


def test_a_delivery_of_nothing_is_no_error():
    assert parsed([]) == []
    assert parsed({"eventNotifications": []}) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"5",
        b'"x"',
        b"[1]",
        b"[null]",
        b"<xml/>",
        b"\xff",
        b'{"eventNotifications":null}',
        b'{"eventNotifications":[1]}',
        b'{"eventNotifications":[{"dataChangeEvent":{"entities":[1]}}]}',
        b'{"eventNotifications":[{"dataChangeEvent":{"entities":{}}}]}',
        b"[" * 100_000,
        b"[" + b"9" * 5000 + b"]",
    ],
)
def test_anything_else_is_malformed(body):
    with pytest.raises(MalformedDelivery):
        parse(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["eventNotifications", "dataChangeEvent", "entities", "type", "data", "id", "time"]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values | st.lists(st.just(event()).map(dict), max_size=2))
def test_no_json_raises_anything_but_malformed(value):
    try:
        found = parse(json.dumps(value).encode())
    except MalformedDelivery:
        return
    for each in found:
        assert len(each.dedupe_key) == 64
        assert "\0" not in each.realm + each.kind + each.operation + each.external_id
