"""Intuit's deliveries: signed, stored once, answered at once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection as database
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations import webhook_intake
from integrations.models import Connection, DailyCount, WebhookEvent
from integrations.views.webhooks import receive
from tests.connection.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/webhooks/quickbooks/"
TOKEN = "emulator-verifier"


def signed(body, token=TOKEN):
    return base64.b64encode(hmac.digest(token.encode(), body, hashlib.sha256)).decode()


def deliver(events, signature=None):
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    headers = {"intuit-signature": signed(body) if signature is None else signature}
    return Client(enforce_csrf_checks=True).post(
        URL, body, content_type="application/json", headers=headers
    )


def event(realm, kind="invoice", operation="updated", external_id="17", **more):
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "intuit.dsnjdsfn=",
        "type": f"qbo.{kind}.{operation}.v1",
        "time": "2026-11-23T08:01:02.179851517Z",
        "intuitentityid": external_id,
        "intuitaccountid": realm,
    } | more


def legacy(realm, name="Invoice", operation="Update", external_id="17"):
    entity = {
        "id": external_id,
        "name": name,
        "operation": operation,
        "lastUpdated": "2026-11-23T01:01:02-0700",
    }
    return {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": [entity]}}]}


@pytest.mark.parametrize("shape", [lambda realm: [event(realm)], event, legacy])
def test_a_delivery_is_stored_and_wakes_one_pull(stored_connection, shape):
    connection = stored_connection("310687")

    assert deliver(shape("310687")).status_code == 200

    stored = WebhookEvent.objects.get()
    assert (stored.connection, stored.kind, stored.operation, stored.external_id) == (
        connection,
        "Invoice",
        "updated",
        "17",
    )
    connection.refresh_from_db()
    assert (connection.wanted, connection.served) == (1, 0)
    assert OrmQ.objects.count() == 1


def test_new_preferences_are_read_once_and_pull_nothing(stored_connection):
    connection = stored_connection("310687")
    told = [event("310687", "preferences", external_id="1")]
    for _ in range(2):
        assert deliver(told).status_code == 200
    connection.refresh_from_db()
    assert connection.wanted == 0
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("integrations.tasks.read_company", (connection.pk,))


@pytest.mark.parametrize("shape", [event, legacy])
def test_the_same_delivery_again_changes_nothing(stored_connection, shape):
    connection = stored_connection("310687")
    delivery = shape("310687")
    for _ in range(3):
        assert deliver(delivery).status_code == 200
    connection.refresh_from_db()
    assert WebhookEvent.objects.count() == 1
    assert connection.wanted == 1
    assert OrmQ.objects.count() == 1


def test_a_merge_names_who_vanished(stored_connection):
    stored_connection("310687")
    deliver([event("310687", "customer", "merged", "1", data={"deletedid": "27"})])
    stored = WebhookEvent.objects.get()
    assert (stored.operation, stored.external_id, stored.deleted_id) == ("merged", "1", "27")
    assert stored.applied_at is None


@pytest.mark.parametrize(
    "signature", ["", "bm90IGl0", "not base64 ä", signed(b"another body"), signed(b"[]", "x")]
)
def test_a_wrong_signature_gets_401_and_leaves_a_count_only(stored_connection, signature):
    connection = stored_connection("310687")
    body = json.dumps([event("310687")]).encode()

    response = deliver(body, signature)

    assert response.status_code == 401
    assert not response.content
    assert not WebhookEvent.objects.exists()
    connection.refresh_from_db()
    assert connection.wanted == 0
    assert list(DailyCount.objects.values_list("name", "count")) == [("bad_signatures", 1)]


def test_a_delivery_without_a_signature_gets_401(stored_connection):
    stored_connection("310687")
    body = json.dumps([event("310687")]).encode()
    response = Client().post(URL, body, content_type="application/json")
    assert response.status_code == 401


def test_without_a_verifier_token_nothing_is_valid(stored_connection, settings):
    settings.INTUIT_WEBHOOK_VERIFIER_TOKEN = ""
    stored_connection("310687")
    body = json.dumps([event("310687")]).encode()
    assert deliver(body, signed(body, "")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'"text"',
        b"[1, 2]",
        b'{"eventNotifications": 7}',
        b"\xff\xfe",
        b"[" * 9999,
    ],
)
def test_a_signed_body_of_another_form_gets_200_and_is_not_kept(stored_connection, body):
    connection = stored_connection("310687")
    assert deliver(body).status_code == 200
    connection.refresh_from_db()
    assert connection.wanted == 0


#: Anything JSON can hold in the place of a text, and texts that are hard to keep.
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=60),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    st.sampled_from(
        ["\0", "9" * 300, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "Merge", "é"]
    ),
)
CLOUD = st.builds(
    lambda told, more: [event("310687") | told, *more],
    st.dictionaries(st.sampled_from([*event("310687"), "data", "more"]), odd, max_size=3),
    st.lists(odd, max_size=1),
)
LEGACY = st.builds(
    lambda told: {
        "eventNotifications": [
            {
                "realmId": "310687",
                "dataChangeEvent": {
                    "entities": [{"id": "17", "name": "Customer", "operation": "Update"} | told]
                },
            }
        ]
    },
    st.dictionaries(
        st.sampled_from(["id", "name", "operation", "lastUpdated", "deletedId"]), odd, max_size=3
    ),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.one_of(CLOUD, LEGACY, odd, st.binary(max_size=40)), truly=st.booleans())
def test_any_body_gets_200_if_intuit_signed_it_and_401_otherwise(stored_connection, body, truly):
    if not Connection.objects.exists():
        stored_connection("310687")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    response = deliver(raw, None if truly else signed(raw, "another token"))

    assert response.status_code == (200 if truly else 401)


def test_an_oversized_body_is_refused_unread(stored_connection):
    stored_connection("310687")
    body = b" " * (2 * 1024 * 1024 + 1)
    assert deliver(body).status_code == 413
    assert not DailyCount.objects.exists()


@pytest.mark.parametrize(("padding", "status"), [(0, 200), (2 * 1024 * 1024, 413)])
def test_a_body_in_chunks_is_read_to_the_same_limit(stored_connection, padding, status):
    stored_connection("310687")
    body = json.dumps([event("310687")]).encode() + b" " * padding
    environ = RequestFactory().post(URL, headers={"intuit-signature": signed(body)}).environ
    environ |= {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert receive(WSGIRequest(environ)).status_code == status
    assert WebhookEvent.objects.count() == (status == 200)


def test_deliveries_with_events_in_common_do_not_block_each_other(stored_connection):
    connection = stored_connection("310687")
    events = [event("310687", external_id=str(number)) for number in range(300)]
    orders = [events, events[::-1], events[150:] + events[:150], events]
    assert [each.status_code for each in together(4, lambda: deliver(orders.pop()))] == [200] * 4
    assert WebhookEvent.objects.count() == 300
    assert OrmQ.objects.count() >= 1
    connection.refresh_from_db()
    assert connection.wanted >= 1


def test_only_post_is_answered(db):
    assert Client().get(URL).status_code == 405


def test_one_delivery_for_several_realms_reaches_the_one_connected_here(stored_connection):
    connection = stored_connection("310687")
    stored_connection(
        "555", status="disconnected", access_token="", refresh_token="", company_name="Former"
    )
    events = [event(realm) for realm in ("999", "310687", "555", "310687")]

    assert deliver(events).status_code == 200

    assert set(WebhookEvent.objects.values_list("connection_id", flat=True)) == {connection.pk}
    assert WebhookEvent.objects.count() == 2
    connection.refresh_from_db()
    assert connection.wanted == 1


def test_r21_a_copy_on_another_address_takes_nothing_in(stored_connection):
    connection = stored_connection("310687", site_url="https://crm.example.com")
    assert deliver([event("310687")]).status_code == 200
    connection.refresh_from_db()
    assert connection.wanted == 0
    assert not WebhookEvent.objects.exists()


def test_a_company_that_waits_to_be_connected_again_keeps_its_events(stored_connection):
    stored_connection("310687", status="reconnect_needed")
    deliver([event("310687", "invoice", "deleted")])
    assert WebhookEvent.objects.count() == 1


def test_events_about_what_is_not_synced_cost_no_read(stored_connection):
    connection = stored_connection("310687")
    deliver([event("310687", "vendor"), event("310687", "spaceship")])
    connection.refresh_from_db()
    assert connection.wanted == 0


def test_a_storm_enqueues_one_pull_with_constant_queries(stored_connection):
    connection = stored_connection("310687")
    counts = []
    for size in (1, 500):
        with CaptureQueriesContext(
            database,
        ) as queries:
            deliver([event("310687", external_id=str(i)) for i in range(size)])
        counts.append(len(queries))
    for _ in range(20):
        deliver([event("310687")])

    assert counts[1] <= counts[0]
    assert OrmQ.objects.count() == 1
    connection.refresh_from_db()
    assert connection.wanted == 22
    assert WebhookEvent.objects.count() == 521


def test_ids_that_cannot_be_stored_cost_only_themselves(stored_connection):
    stored_connection("310687")
    events = [
        event("310687", external_id="7" * 100),
        event("310687", external_id="\0"),
        event("310687"),
    ]
    assert deliver(events).status_code == 200
    assert WebhookEvent.objects.get().external_id == "17"


def test_old_events_are_forgotten_and_undone_work_is_not(stored_connection):
    stored_connection("310687")
    deliver([event("310687", operation=name) for name in ("updated", "deleted", "deleted")])
    done = WebhookEvent.objects.filter(operation="deleted").first()
    WebhookEvent.objects.filter(pk=done.pk).update(applied_at=timezone.now())
    assert webhook_intake.forget_old() == 0
    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(days=31))
    deliver([event("310687")])

    assert webhook_intake.forget_old() == 2

    assert sorted(WebhookEvent.objects.values_list("operation", "applied_at")) == [
        ("deleted", None),
        ("updated", None),
    ]
