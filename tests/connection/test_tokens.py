"""One refresh at a time, kept before it is used; only invalid_grant means reconnect."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from contacts.models import User
from integrations import leases, reconnect_mail, session, tokens
from integrations.models import Attention, Cause, Connection, DailyCount, Lease
from integrations.quickbooks import faults
from integrations.transactions import OpenTransactionError
from tests.connection.threads import together
from tests.emulator_process import ROOT

TOKENS = "/oauth2/v1/tokens/bearer"
DAY = 24 * 3600


@pytest.fixture
def connection(browser, emulator):
    """A company that was connected for real."""
    browser.connect(emulator.company("Cedar Lane Gardens"))
    emulator.forget_requests()
    OrmQ.objects.all().delete()
    return Connection.objects.get()


def read_company(connection):
    with session.open_api(connection) as api:
        return api.call(lambda client: client.company_info())


def expire_here(connection):
    """As if the hour of the access token were nearly over."""
    Connection.objects.update(access_expires_at=timezone.now() + timedelta(seconds=30))
    connection.refresh_from_db()


def test_a_good_token_is_used_without_a_refresh(connection, emulator):
    assert b"Cedar Lane" in read_company(connection)
    assert not emulator.requests(TOKENS)


def test_a_token_is_renewed_ahead_of_its_end(connection, emulator):
    expire_here(connection)
    used = connection.access_token
    read_company(connection)
    assert [each["status"] for each in emulator.requests()] == [200, 200]
    assert len(emulator.requests(TOKENS)) == 1
    assert Connection.objects.get().access_token != used


def test_a_401_is_answered_by_one_refresh_and_one_repeat(connection, emulator):
    emulator.advance(2 * 3600)
    assert b"Cedar Lane" in read_company(connection)
    assert [each["status"] for each in emulator.requests()] == [401, 200, 200]
    assert Connection.objects.get().status == "connected"


def test_a_401_that_stays_is_passed_on_after_one_repeat(connection, emulator):
    emulator.fail(mode="unauthorized", path="/v3/")
    with pytest.raises(faults.Unauthorized):
        read_company(connection)
    assert [each["status"] for each in emulator.requests("/v3/")] == [401, 401]


def test_a_rotated_refresh_token_is_kept(connection, emulator):
    old = connection.refresh_token
    for _ in range(3):
        emulator.advance(DAY + 1)
        read_company(connection)
    new = Connection.objects.get().refresh_token
    assert new != old
    assert len(emulator.requests(TOKENS)) == 3


def test_many_threads_with_one_dead_token_make_one_refresh(connection, emulator):
    emulator.advance(DAY + 1)
    emulator.switch(concurrent_refresh_kills=True)

    def work():
        return read_company(Connection.objects.get())

    answers = together(6, work)

    assert all(isinstance(each, bytes) for each in answers), answers
    assert len(emulator.requests(TOKENS)) == 1


def test_threads_of_one_session_share_a_refresh(connection, emulator):
    emulator.advance(DAY + 1)
    emulator.switch(concurrent_refresh_kills=True)
    with session.open_api(connection, background=True) as api:
        answers = together(3, lambda: api.call(lambda client: client.company_info()))
        assert all(isinstance(each, bytes) for each in answers), answers
    assert len(emulator.requests(TOKENS)) == 1


PROCESS = """
import django; django.setup()
from integrations.models import Connection
from integrations.session import open_api
with open_api(Connection.objects.get()) as api:
    api.call(lambda client: client.company_info())
"""


def test_processes_with_one_dead_token_make_one_refresh(connection, emulator, process_environment):
    emulator.advance(DAY + 1)
    emulator.switch(concurrent_refresh_kills=True)
    environment = {**process_environment, **emulator.environment}
    running = [
        subprocess.Popen([sys.executable, "-c", PROCESS], cwd=ROOT, env=environment)
        for _ in range(3)
    ]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    assert len(emulator.requests(TOKENS)) == 1
    assert os.environ["DATABASE_URL"]


def test_the_new_refresh_token_is_committed_before_the_access_token_is_used(connection, emulator):
    """What a crash right after the refresh leaves behind is the new token, in another session."""
    emulator.advance(DAY + 1)
    old = connection.refresh_token
    emulator.fail(mode="reset_before", path="/v3/company", nth=2)
    with pytest.raises(faults.Transient):
        read_company(connection)
    assert Connection.objects.get().refresh_token != old


def test_a_lost_answer_to_a_refresh_is_no_reason_to_reconnect(connection, emulator):
    emulator.advance(2 * 3600)
    emulator.fail(mode="reset_after", path=TOKENS, count=1)
    with pytest.raises(faults.Transient):
        read_company(connection)
    assert Connection.objects.get().status == "connected"
    Connection.objects.update(back_off_until=None)
    assert read_company(Connection.objects.get())


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 503, "body": "<html>busy</html>", "content_type": "text/html"},
        {"status": 429, "body": ""},
        {"status": 401, "body": '{"error":"invalid_client"}'},
        {"status": 400, "body": "<html>invalid_grant</html>", "content_type": "text/html"},
        {"status": 400, "body": '{"error":"invalid_request"}'},
    ],
)
def test_only_a_structured_invalid_grant_means_reconnect(connection, emulator, answer):
    emulator.advance(2 * 3600)
    emulator.fail(mode="status", path=TOKENS, **answer)
    with pytest.raises(faults.QuickBooksError) as raised:
        read_company(connection)
    assert not isinstance(raised.value, faults.ReconnectNeeded)
    assert Connection.objects.get().status == "connected"
    assert not Attention.objects.exists()


def test_r21_revoked_in_the_middle_is_reconnect_needed_once(connection, emulator):
    since = connection.invoices_since
    with session.open_api(connection) as api:
        api.call(lambda client: client.company_info())
        emulator.disconnect(connection.realm)
        for _ in range(2):
            with pytest.raises(faults.ReconnectNeeded):
                api.call(lambda client: client.company_info())
    after = Connection.objects.get()
    assert after.status == "reconnect_needed"
    assert "no longer accepts" in after.reconnect_reason
    assert after.invoices_since == since
    assert Attention.objects.get().cause == Cause.RECONNECT
    assert len(emulator.requests(TOKENS)) == 1
    with pytest.raises(faults.ReconnectNeeded):
        read_company(after)
    assert len(emulator.requests(TOKENS)) == 1


def test_r21_each_admin_is_written_to_once(connection, emulator, staff, mailoutbox):
    User.objects.create_user("gone@example.com", None, role="admin", is_active=False)
    emulator.disconnect(connection.realm)
    for _ in range(2):
        with pytest.raises(faults.ReconnectNeeded):
            read_company(connection)
    work_mail()
    assert [each.to for each in mailoutbox] == [["alice@example.com"]]
    assert "Cedar Lane Gardens" in mailoutbox[0].subject
    assert "/settings/integrations/quickbooks/reconnect/" in mailoutbox[0].body
    assert connection.realm not in mailoutbox[0].body


def test_r21_nobody_is_written_to_once_it_is_connected_again(
    connection, emulator, browser, mailoutbox
):
    emulator.disconnect(connection.realm)
    with pytest.raises(faults.ReconnectNeeded):
        read_company(connection)
    browser.connect(connection.realm)
    work_mail()
    assert mailoutbox == []


def work_mail():
    """Do what a worker would with the mail that was put into the queue."""
    for row in OrmQ.objects.all():
        task = row.task
        if task["func"] == "integrations.reconnect_mail.send":
            reconnect_mail.send(*task["args"])
            row.delete()


def test_connecting_again_during_a_refresh_wins_over_its_invalid_grant(
    connection, emulator, browser
):
    """The old token dies while a worker is refreshing it; the new one must not be blamed."""
    stale = Connection.objects.get()
    emulator.disconnect(connection.realm)
    emulator.fail(mode="slow", path=TOKENS, seconds=1.5, count=1)

    def refresh():
        return tokens.refresh(stale, stale.access_token)

    def connect_again():
        time.sleep(0.5)
        return browser.connect(connection.realm)

    roles = [refresh, connect_again]
    answers = together(2, lambda: roles.pop()())

    after = Connection.objects.get()
    assert set(answers) == {after.access_token, "Connected to Cedar Lane Gardens."}
    assert after.status == "connected"
    assert not Attention.objects.exists()
    statuses = sorted(each["status"] for each in emulator.requests(TOKENS))
    assert statuses == [200, 400]


def test_who_waited_for_a_refresh_takes_over_what_it_brought(connection, emulator):
    held = leases.take(connection.pk, Lease.Name.TOKEN, 30)
    used = connection.access_token

    def wait():
        return tokens.refresh(Connection.objects.get(), used)

    def bring():
        row = Connection.objects.get()
        row.access_token = "brought by another worker"
        row.save(update_fields=["access_token"])
        held.release()

    roles = [wait, bring]
    answers = together(2, lambda: roles.pop()())
    assert "brought by another worker" in answers
    assert not emulator.requests(TOKENS)


def test_a_disconnected_company_is_not_called(connection, emulator):
    stale = Connection.objects.get()
    Connection.objects.update(status="disconnected", access_token="", refresh_token="")
    with pytest.raises(tokens.NotConnected):
        read_company(Connection.objects.get())
    with pytest.raises(tokens.NotConnected):
        tokens.refresh(stale, stale.access_token)
    assert not emulator.requests()


def test_r21_a_copy_of_the_database_spends_no_token(connection, emulator, settings):
    settings.SITE_URL = "https://staging.example.com"
    with pytest.raises(session.NotAtHome):
        read_company(connection)
    Connection.objects.update(refreshed_at=timezone.now() - timedelta(days=3))
    connection.refresh_from_db()
    tokens.keep_alive(connection)
    assert not Connection.objects.working().exists()
    assert not emulator.requests()


def test_idle_tokens_are_refreshed_daily(connection, emulator):
    tokens.keep_alive(connection)
    assert not emulator.requests()
    Connection.objects.update(refreshed_at=timezone.now() - timedelta(hours=24))
    connection.refresh_from_db()
    tokens.keep_alive(connection)
    assert len(emulator.requests(TOKENS)) == 1
    tokens.keep_alive(Connection.objects.get())
    assert len(emulator.requests(TOKENS)) == 1


def test_expiries_follow_what_intuit_says(connection, emulator):
    emulator.advance(30 * DAY)
    tokens.refresh(connection, connection.access_token)
    after = Connection.objects.get()
    left = after.refresh_expires_at - timezone.now()
    assert timedelta(days=100) < left <= timedelta(days=101)
    assert timedelta(days=1794) < after.hard_expires_at - timezone.now() < timedelta(days=1796)


def test_no_call_is_made_inside_a_transaction(connection, emulator):
    with (
        session.open_api(connection) as api,
        pytest.raises(OpenTransactionError),
        transaction.atomic(),
    ):
        api.call(lambda client: client.company_info())
    with pytest.raises(OpenTransactionError), transaction.atomic():
        tokens.refresh(connection, connection.access_token)
    assert not emulator.requests()


def test_calls_are_metered(connection, emulator):
    DailyCount.objects.all().delete()
    with session.open_api(connection) as api:
        api.call(lambda client: (client.company_info(), client.preferences()))
        assert (api.calls, api.reads) == (2, 2)
    assert list(DailyCount.objects.values_list("name", "count")) == [("reads", 2)]


@pytest.mark.parametrize(("mode", "least", "most"), [("throttle", 59, 66), ("status", 4, 11)])
def test_trouble_makes_the_whole_connection_back_off(connection, emulator, mode, least, most):
    emulator.fail(mode=mode, path="/v3/", status=503 if mode == "status" else 429, count=1)
    with pytest.raises(faults.Transient):
        read_company(connection)
    left = Connection.objects.get().back_off_until - timezone.now()
    assert timedelta(seconds=least) < left < timedelta(seconds=most)


@pytest.mark.parametrize("body", ["xml", "json", "empty"])
@pytest.mark.parametrize("retry_after", [False, True])
def test_whatever_429_carries_it_is_a_pause_of_a_minute(connection, emulator, body, retry_after):
    """Facts 7.3: neither its body nor Retry-After is known."""
    emulator.switch(throttle_body=body, retry_after=retry_after)
    emulator.fail(mode="throttle", path="/v3/", count=1)
    with pytest.raises(faults.Transient):
        read_company(connection)
    left = Connection.objects.get().back_off_until - timezone.now()
    assert timedelta(seconds=59) < left < timedelta(seconds=66)


def test_lost_rights_are_one_item_that_closes_itself(connection, emulator):
    emulator.fail(mode="status", path="/v3/", status=403, count=2)
    for _ in range(2):
        with pytest.raises(faults.Forbidden):
            read_company(connection)
    assert Attention.objects.get(closed_at=None).cause == Cause.LOST_RIGHTS
    read_company(connection)
    assert not Attention.objects.filter(closed_at=None).exists()
