"""Disconnect (R20) and what is left afterwards; Intuit's own pages about it (R21)."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from integrations import attention, copies, disconnecting, leases
from integrations.models import Attention, Cause, Connection, Lease, OutboxEntry, Run
from tests.connection.conftest import BASE
from tests.connection.records import linked_invoice
from tests.connection.threads import together
from tests.factories import ContactFactory

REVOKE = "/v2/oauth2/tokens/revoke"


@pytest.fixture
def connection(browser, emulator):
    browser.connect(emulator.company("Cedar Lane Gardens"))
    emulator.forget_requests()
    return Connection.objects.get()


def disconnect(client):
    response = client.post(f"{BASE}/disconnect/", follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_r20_the_page_asks_first_and_changes_nothing(connection, admin_client, emulator):
    page = admin_client.get(f"{BASE}/disconnect/").content.decode()
    assert "Disconnect Cedar Lane Gardens?" in page
    assert "import that is running stops" in page
    assert 'method="post"' in page
    assert Connection.objects.get().status == "connected"
    assert not emulator.requests()


def test_r20_disconnect_revokes_forgets_the_tokens_and_keeps_the_records(
    connection, admin_client, emulator
):
    link = linked_invoice(connection)
    page = disconnect(admin_client)

    after = Connection.objects.get()
    assert after.status == "disconnected"
    assert (after.access_token, after.refresh_token) == ("", "")
    assert after.disconnected_at is not None
    assert len(emulator.requests(REVOKE)) == 1
    link.refresh_from_db()
    assert link.invoice.pk
    assert "Cedar Lane Gardens is disconnected" in page
    assert "Intuit has ended the connection too" in page
    assert re.search(r'href="[^"]+/app/apps/myapps"', page)


def test_r20_running_imports_stop_and_no_late_commit_gets_in(connection, admin_client):
    held = leases.take(connection.pk, Lease.Name.PULL, 60)
    disconnect(admin_client)
    run = Run.objects.get()
    assert (run.status, bool(run.finished_at)) == ("stopped", True)
    assert "disconnected" in run.message
    with pytest.raises(leases.LeaseLost), transaction.atomic():
        held.guard()


def test_r20_a_page_that_is_being_committed_finishes_first(connection):
    held = leases.take(connection.pk, Lease.Name.PULL, 60)
    guarding = threading.Event()

    def commit():
        with transaction.atomic():
            held.guard()
            guarding.set()
            time.sleep(1)
            Run.objects.update(created=5)

    def end():
        guarding.wait(10)
        disconnecting.disconnect(Connection.objects.get(), None)

    roles = [commit, end]
    assert together(2, lambda: roles.pop()()) == [None, None]
    run = Run.objects.get()
    assert (run.created, run.status) == (5, "stopped")


def test_r20_the_connections_attention_items_close(connection, admin_client):
    attention.open_item(connection, Cause.RECONNECT)
    attention.open_item(connection, Cause.IMPORT_FAILED)
    disconnect(admin_client)
    assert not Attention.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("mode", ["status", "reset_before"])
def test_r20_disconnect_goes_on_without_intuit_and_says_so(
    connection, admin_client, emulator, mode
):
    emulator.fail(mode=mode, path=REVOKE, status=500)
    page = disconnect(admin_client)
    assert Connection.objects.get().status == "disconnected"
    assert "did not confirm" in page


def test_r20_a_token_that_was_dead_already_is_no_failure(connection, admin_client, emulator):
    emulator.disconnect(connection.realm)
    assert "did not confirm" not in disconnect(admin_client)


def in_flight(connection, record_id=1):
    now = timezone.now()
    return OutboxEntry.objects.create(
        connection=connection,
        kind="contact",
        record_id=record_id,
        state="in_flight",
        created_at=now,
        not_before=now,
        owner="a worker",
        claimed_until=now + timedelta(minutes=3),
        request_id="the request id",
        body=b"{}",
        first_sent_at=now,
    )


def test_r20_a_write_in_flight_may_settle_before_the_tokens_go(connection, emulator):
    entry = in_flight(connection)

    def settle():
        time.sleep(0.7)
        before = len(emulator.requests(REVOKE))
        working = Connection.objects.working().exists()
        entry.delete()
        return before, working

    def end():
        disconnecting.disconnect(Connection.objects.get(), None)

    roles = [settle, end]
    # Nothing new began meanwhile, and nothing was revoked under the write.
    assert (0, False) in together(2, lambda: roles.pop()())
    assert len(emulator.requests(REVOKE)) == 1
    assert Connection.objects.get().paused_at is None


def test_r20_a_write_that_does_not_come_back_is_kept_with_its_request_id(
    connection, admin_client, monkeypatch
):
    monkeypatch.setattr(disconnecting, "_SETTLING", 0.3)
    in_flight(connection, ContactFactory(first_name="Ada", last_name="Park").pk)
    page = disconnect(admin_client)
    kept = OutboxEntry.objects.get()
    assert (kept.request_id, bytes(kept.body)) == ("the request id", b"{}")
    assert "Ada Park" in page
    assert "look it up in QuickBooks" in page


def test_r20_what_was_not_sent_is_listed(connection, admin_client):
    contacts = ContactFactory.create_batch(25, first_name="Ada")
    now = timezone.now()
    OutboxEntry.objects.bulk_create(
        OutboxEntry(
            connection=connection,
            kind="contact",
            record_id=each.pk,
            created_at=now,
            not_before=now,
            state="held" if each is contacts[0] else "waiting",
        )
        for each in contacts
    )
    for page in (
        admin_client.get(f"{BASE}/disconnect/").content.decode(),
        disconnect(admin_client),
    ):
        assert "was held for a question" in page
        assert f'href="/contacts/{contacts[1].pk}/"' in page
        assert "and 5 more" in page
    assert OutboxEntry.objects.count() == 25


def test_r20_a_second_press_is_harmless(connection, admin_client, emulator):
    disconnect(admin_client)
    first = Connection.objects.values().get()
    assert "is disconnected" in disconnect(admin_client)
    assert Connection.objects.values().get() == first
    assert len(emulator.requests(REVOKE)) == 1


def test_disconnect_waits_for_a_refresh_and_revokes_what_it_brought(connection, emulator):
    held = leases.take(connection.pk, Lease.Name.TOKEN, 60)

    def refresh():
        time.sleep(0.5)
        row = Connection.objects.get()
        row.refresh_token = "brought by the refresh"
        row.save(update_fields=["refresh_token"])
        held.release()

    def end():
        return disconnecting.disconnect(Connection.objects.get(), None)

    roles = [refresh, end]
    outcome = next(filter(None, together(2, lambda: roles.pop()())))
    # The emulator does not know that token: 400, which counts as ended.
    assert outcome.revoked
    assert Connection.objects.get().refresh_token == ""


def test_r21_disconnecting_a_copy_leaves_the_originals_tokens_alone(
    connection, admin_client, emulator
):
    Connection.objects.update(site_url="https://crm.example.com")
    assert "left alone" in admin_client.get(f"{BASE}/disconnect/").content.decode()
    assert "the original was left alone" in disconnect(admin_client)
    assert Connection.objects.get().status == "disconnected"
    assert not emulator.requests()


def test_with_nothing_ever_connected_the_page_leads_to_the_card(admin_client):
    response = admin_client.get(f"{BASE}/disconnect/")
    assert response.headers["Location"] == "/settings/integrations/"


def test_r21_intuits_disconnect_page_proves_nothing_and_has_the_tokens_tried(connection):
    OrmQ.objects.all().delete()
    Connection.objects.update(served=connection.wanted)
    response = Client().get(f"{BASE}/disconnected/", {"realmId": connection.realm})
    assert response.status_code == 200
    assert "Cedar Lane" not in response.content.decode()
    after = Connection.objects.get()
    assert after.status == "connected"
    assert after.disconnect_page_at is not None
    assert after.wanted == connection.wanted + 1
    assert OrmQ.objects.count() == 1

    Client().get(f"{BASE}/disconnected/", {"realmId": connection.realm})
    assert Connection.objects.get().wanted == after.wanted

    Connection.objects.update(disconnect_page_at=timezone.now() - timedelta(hours=1))
    Client().get(f"{BASE}/disconnected/", {"realmId": connection.realm})
    assert Connection.objects.get().wanted == after.wanted + 1


@pytest.mark.parametrize("query", [{}, {"realmId": "77"}, {"realmId": "x" * 5000}])
def test_the_disconnect_page_says_the_same_to_everybody(stored_connection, query):
    known = stored_connection("310687")

    def page(query):
        content = Client().get(f"{BASE}/disconnected/", query).content
        return re.sub(rb'"X-CSRFToken": "\w+"', b"", content)

    assert page(query) == page({"realmId": "310687"})
    known.refresh_from_db()
    assert known.wanted == 1


def test_r21_a_copy_is_taken_over_after_a_warning(stored_connection, admin_client):
    connection = stored_connection(site_url="https://crm.example.com")
    page = admin_client.get(f"{BASE}/adopt/").content.decode()
    assert "https://crm.example.com" in page
    assert not Connection.objects.working().exists()
    admin_client.post(f"{BASE}/adopt/")
    assert Connection.objects.working().get() == connection


def test_r21_a_connection_of_another_environment_is_not_taken_over(stored_connection, admin_client):
    stored_connection(site_url="https://crm.example.com", environment="production")
    admin_client.post(f"{BASE}/adopt/")
    assert not Connection.objects.working().exists()


def test_launch_leads_to_the_card(admin_client, staff_client):
    for client in (admin_client, staff_client):
        assert client.get(f"{BASE}/launch/").headers["Location"] == "/settings/integrations/"
    assert "/accounts/login/" in Client().get(f"{BASE}/launch/").headers["Location"]


def test_the_reconnect_page_has_a_button_that_leads_to_intuit(admin_client, emulator):
    page = admin_client.get(f"{BASE}/reconnect/").content.decode()
    assert 'method="post"' in page
    assert admin_client.post(f"{BASE}/reconnect/").headers["Location"].startswith(emulator.url)


def test_r19_reset_says_in_numbers_what_ends_and_begins(connection, admin_client):
    linked_invoice(connection)
    Run.objects.update(status="done", finished_at=timezone.now())
    page = admin_client.get(f"{BASE}/reset/").content.decode()
    assert "1 invoice that is kept in step now will stop" in page
    assert "in either direction" in page
    assert Run.objects.count() == 1
    response = admin_client.post(f"{BASE}/reset/")
    assert response.headers["Location"] == "/settings/integrations/"
    assert Run.objects.get(status="running").kind == "reset"


def test_r19_a_reset_waits_for_a_running_import(connection, admin_client):
    page = admin_client.post(f"{BASE}/reset/", follow=True).content.decode()
    assert "An import is running" in page
    assert Run.objects.get().kind == "import"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "reconnect_needed"},
        {"site_url": "https://crm.example.com"},
        {"paused_at": timezone.now()},
    ],
)
def test_r19_a_connection_that_cannot_be_used_is_not_reset(stored_connection, admin_client, fields):
    stored_connection(**fields)
    for ask in (admin_client.get, admin_client.post):
        assert ask(f"{BASE}/reset/").headers["Location"] == "/settings/integrations/"
    assert not Run.objects.exists()


def test_r21_a_copy_asks_for_a_person_until_it_is_at_home(stored_connection, admin_client):
    stored_connection(site_url="https://crm.example.com")
    for _ in range(2):
        copies.announce()
    item = Attention.objects.get()
    assert (item.cause, item.facts) == (
        Cause.COPIED_DATABASE,
        {"site_url": "https://crm.example.com"},
    )
    admin_client.post(f"{BASE}/adopt/")
    copies.announce()
    assert not Attention.objects.filter(closed_at=None).exists()
