"""Connect, and come back from Intuit in every way one can (R2, R14, R21)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import connection as database
from django.db.models import F
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from integrations import oauth_state
from integrations.models import Attention, Cause, Connection, Run, SetAside
from tests.connection.conftest import CALLBACK, Browser
from tests.connection.records import linked_invoice
from tests.connection.threads import together
from tests.emulator_process import Refused

CARD = "/settings/integrations/"
TOKENS = "/oauth2/v1/tokens/bearer"
REVOKE = "/v2/oauth2/tokens/revoke"


def stored():
    return list(Connection.objects.order_by("pk").values_list("company_name", "status"))


def test_r2_connect_leads_to_intuit_and_back_with_a_word(browser, emulator):
    realm = emulator.company("Cedar Lane Gardens")

    asked = urlsplit(browser.press_connect())
    query = parse_qs(asked.query)
    assert f"{asked.scheme}://{asked.netloc}" == emulator.url
    assert query["scope"] == ["com.intuit.quickbooks.accounting"]
    assert query["redirect_uri"] == [f"http://localhost:8000{CALLBACK}"]
    response = browser.come_back(code=browser.grant(realm), state=query["state"][0], realmId=realm)

    assert response.headers["Location"] == CARD
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.content
    assert browser.message() == "Connected to Cedar Lane Gardens."
    connection = Connection.objects.get()
    assert connection.status == Connection.Status.CONNECTED
    assert (connection.realm, connection.home_currency, connection.country) == (realm, "USD", "US")
    assert connection.connected_by.email == "alice@example.com"
    assert connection.at_home
    assert timedelta(days=99) < connection.refresh_expires_at - timezone.now()
    assert timedelta(days=5 * 364) < connection.hard_expires_at - timezone.now()


def test_r2_intuit_sends_back_to_crmsyncs_own_address_and_to_no_other(browser, emulator):
    """facts 1.2: redirect_uri must equal a registered one."""
    realm = emulator.company("Cedar Lane Gardens")
    emulator.register_redirects(f"http://localhost:8000{CALLBACK}")
    back = urlsplit(emulator.consent(browser.press_connect(), realm))
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"http://localhost:8000{CALLBACK}"
    browser.come_back(**dict(parse_qsl(back.query)))
    assert stored() == [("Cedar Lane Gardens", Connection.Status.CONNECTED)]

    # To the last sign: a slash less is another one.
    emulator.register_redirects(f"http://localhost:8000{CALLBACK}".rstrip("/"))
    with pytest.raises(Refused, match="not one that is registered"):
        emulator.consent(browser.press_connect(), realm)


def test_r3_the_import_begins_at_once(browser, emulator):
    browser.connect(emulator.company())
    run = Run.objects.get()
    assert (run.kind, run.trigger, run.status) == ("import", "connect", "running")
    assert run.by.email == "alice@example.com"
    assert OrmQ.objects.count() == 1


def test_r14_invoices_since_is_one_moment_on_two_clocks(browser, emulator):
    emulator.advance(3600)
    before = timezone.now().replace(microsecond=0)
    browser.connect(emulator.company())
    connection = Connection.objects.get()
    ahead = connection.invoices_since - timedelta(hours=1)
    assert connection.invoices_since.microsecond == 0
    assert before <= ahead <= timezone.now()
    assert before <= connection.invoices_since_here <= timezone.now()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("access_denied", "You cancelled at Intuit. Nothing was connected."),
        ("invalid_scope", "Intuit did not agree to connect. Nothing was connected."),
    ],
)
@pytest.mark.parametrize("state_comes_back", [True, False])
def test_r2_a_refusal_says_that_nothing_was_connected(
    browser, emulator, error, message, state_comes_back
):
    kept = browser.asked()
    browser.come_back(error=error, **({"state": kept} if state_comes_back else {}))
    assert browser.message().startswith(message)
    assert stored() == []
    assert not emulator.requests(TOKENS)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"code": "c", "realmId": "1"},
        {"code": "c", "realmId": "1", "state": ""},
        {"code": "c", "realmId": "1", "state": "forged"},
        {"code": "c", "realmId": "1", "state": "fälschung"},
        {"error": "access_denied", "state": "forged"},
    ],
)
def test_r2_a_forged_callback_changes_nothing(browser, emulator, query):
    kept = browser.asked()
    browser.come_back(**query)
    assert "does not belong" in browser.message()
    assert stored() == []
    assert not emulator.requests(TOKENS)
    # The real answer is still good.
    realm = emulator.company()
    browser.come_back(code=browser.grant(realm), state=kept, realmId=realm)
    assert browser.message() == "Connected to Bright Ideas Ltd."


def test_r2_a_replayed_callback_changes_nothing(browser, emulator):
    realm, state = emulator.company(), browser.asked()
    query = {"code": browser.grant(realm), "state": state, "realmId": realm}
    browser.come_back(**query)
    browser.message()
    before = Connection.objects.values().get()

    browser.come_back(**query)

    assert "does not belong" in browser.message()
    assert Connection.objects.values().get() == before
    assert len(emulator.requests(TOKENS)) == 1


def test_r2_two_loads_of_one_callback_exchange_the_code_once(browser, emulator, admin_client):
    realm, state = emulator.company(), browser.asked()
    query = {"code": browser.grant(realm), "state": state, "realmId": realm}
    cookies = {name: morsel.value for name, morsel in admin_client.cookies.items()}

    def load():
        client = Client()
        client.cookies.load(cookies)
        return client.get(CALLBACK, query).status_code

    assert together(4, load) == [302] * 4
    assert len(emulator.requests(TOKENS)) == 1
    assert stored() == [("Bright Ideas Ltd", "connected")]


def test_r2_a_stale_callback_changes_nothing(browser, emulator):
    realm, state = emulator.company(), browser.asked()
    session = browser.client.session
    for each in session["quickbooks_states"]:
        each["at"] -= oauth_state.MAX_AGE + 1
    session.save()
    browser.come_back(code=browser.grant(realm), state=state, realmId=realm)
    assert "too old" in browser.message()
    assert stored() == []


def test_r2_another_person_in_the_same_browser_cannot_finish_it(browser, emulator, staff):
    realm, state = emulator.company(), browser.asked()
    session = browser.client.session
    session["quickbooks_states"][0]["user"] = staff.pk
    session.save()
    browser.come_back(code=browser.grant(realm), state=state, realmId=realm)
    assert "does not belong" in browser.message()
    assert stored() == []


def test_r2_another_session_cannot_finish_it(browser, emulator, staff_client):
    realm, state = emulator.company(), browser.asked()
    other = Browser(staff_client, emulator)
    other.come_back(code=browser.grant(realm), state=state, realmId=realm)
    assert "does not belong" in other.message()
    assert stored() == []


def test_who_is_no_admin_any_more_when_coming_back_is_refused(browser, emulator, admin):
    realm, state = emulator.company(), browser.asked()
    admin.role = "staff"
    admin.save()
    browser.come_back(code=browser.grant(realm), state=state, realmId=realm)
    assert "Only admins" in browser.message()
    assert stored() == []
    assert not emulator.requests(TOKENS)


def test_who_is_not_signed_in_is_sent_to_sign_in_without_the_code(db):
    response = Client().get(CALLBACK, {"code": "secret-code", "state": "s", "realmId": "1"})
    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/login/"
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.content


def test_a_session_holds_a_few_questions_and_any_of_them_can_be_answered(browser, emulator):
    states = [browser.asked() for _ in range(8)]
    assert len(browser.client.session["quickbooks_states"]) == oauth_state.MOST
    realm = emulator.company()
    browser.come_back(code=browser.grant(realm), state=states[0], realmId=realm)
    assert "does not belong" in browser.message()
    browser.come_back(code=browser.grant(realm), state=states[-2], realmId=realm)
    assert browser.message() == "Connected to Bright Ideas Ltd."


@pytest.mark.parametrize("realm", ["9999999999", "../../oauth2", "1/2", "x" * 300])
def test_r2_a_realm_that_does_not_answer_is_not_believed_and_its_token_revoked(
    browser, emulator, realm
):
    state, real = browser.asked(), emulator.company()
    browser.come_back(code=browser.grant(real), state=state, realmId=realm)
    assert "did not confirm the company" in browser.message()
    assert stored() == []
    assert len(emulator.requests(REVOKE)) == 1
    assert not Run.objects.exists()


def test_r2_the_realm_of_another_company_is_not_believed(browser, emulator):
    ours, other = emulator.company("Ours"), emulator.company("Other")
    state = browser.asked()
    browser.come_back(code=browser.grant(ours), state=state, realmId=other)
    assert "did not confirm the company" in browser.message()
    assert stored() == []


@pytest.mark.parametrize("path", [TOKENS, "/companyinfo/", "/preferences"])
def test_trouble_at_intuit_while_coming_back_stores_nothing(browser, emulator, path):
    realm, state = emulator.company(), browser.asked()
    emulator.fail(mode="status", path=path, status=503)
    browser.come_back(code=browser.grant(realm), state=state, realmId=realm)
    assert "Press Connect again" in browser.message()
    assert stored() == []


def test_a_code_of_nobody_is_refused_in_plain_words(browser, emulator):
    state = browser.asked()
    browser.come_back(code="made-up", state=state, realmId="1")
    assert "used already or is too old" in browser.message()
    assert stored() == []


def test_wrong_keys_of_the_app_are_said(browser, emulator, settings):
    realm = emulator.company()
    settings.INTUIT_CLIENT_SECRET = "wrong"
    assert "client id and secret" in browser.connect(realm)
    assert stored() == []


def test_without_keys_nobody_is_sent_to_intuit(browser, settings):
    settings.INTUIT_CLIENT_ID = ""
    response = browser.client.post("/settings/integrations/quickbooks/connect/")
    assert response.headers["Location"] == CARD
    assert "INTUIT_CLIENT_ID" in browser.message()


def test_while_intuit_is_away_connect_says_so(browser, settings):
    settings.INTUIT_DISCOVERY_URL = "http://127.0.0.1:9/.well-known/openid_configuration"
    response = browser.client.post("/settings/integrations/quickbooks/connect/")
    assert response.headers["Location"] == CARD
    assert "could not be reached" in browser.message()


def test_a_second_company_is_refused_while_one_is_connected(browser, emulator):
    first, second = emulator.company("First"), emulator.company("Second")
    browser.connect(first)
    token = Connection.objects.get().access_token
    message = browser.connect(second)
    assert "Second" in message
    assert "connected to First" in message
    assert stored() == [("First", "connected")]
    assert Connection.objects.get().access_token == token
    # Intuit does not list us among the second company's apps.
    assert len(emulator.requests(REVOKE)) == 1
    assert Run.objects.count() == 1


def test_the_connected_company_again_only_gets_new_tokens(browser, emulator):
    realm = emulator.company()
    browser.connect(realm)
    Run.objects.update(status="done", finished_at=timezone.now())
    before = Connection.objects.get()
    assert browser.connect(realm) == "Connected to Bright Ideas Ltd."
    after = Connection.objects.get()
    assert after.access_token != before.access_token
    for name in ("pk", "invoices_since", "invoices_since_here", "cursor", "connected_at"):
        assert getattr(after, name) == getattr(before, name)
    assert Run.objects.count() == 1


def test_r2_trouble_while_connecting_again_does_not_end_the_working_connection(browser, emulator):
    realm = emulator.company()
    browser.connect(realm)
    state = browser.asked()
    emulator.fail(mode="status", path="/preferences", status=200, body='{"Preferences": 7}')
    browser.come_back(code=browser.grant(realm), state=state, realmId=realm)
    assert "did not confirm" in browser.message()
    assert not emulator.requests(REVOKE)


@pytest.fixture
def lost(browser, emulator):
    """A connection that lost its tokens, with a cursor."""
    realm = emulator.company("Cedar Lane Gardens")
    browser.connect(realm)
    Run.objects.update(status="done", finished_at=timezone.now())
    OrmQ.objects.all().delete()
    from integrations import attention

    Connection.objects.update(
        status="reconnect_needed", reconnect_reason="It expired.", cursor=timezone.now()
    )
    # The pull that found the tokens dead has left its wish, and no task waits.
    Connection.objects.update(wanted=F("served") + 1)
    connection = Connection.objects.get()
    attention.open_item(connection, Cause.RECONNECT)
    return connection


def test_r21_reconnecting_goes_on_where_it_was(browser, lost):
    assert browser.connect(lost.realm) == "Connected to Cedar Lane Gardens."
    after = Connection.objects.get()
    assert (after.status, after.reconnect_reason) == ("connected", "")
    for name in ("pk", "invoices_since", "invoices_since_here", "cursor", "connected_at"):
        assert getattr(after, name) == getattr(lost, name)
    assert after.wanted > lost.wanted
    assert OrmQ.objects.count() == 1
    assert not Attention.objects.filter(closed_at=None).exists()
    assert Run.objects.count() == 1


def test_r21_reconnecting_with_another_company_is_refused_with_both_names(browser, lost, emulator):
    message = browser.connect(emulator.company("Maple Ridge"))
    assert "Cedar Lane Gardens" in message
    assert "Maple Ridge" in message
    assert stored() == [("Cedar Lane Gardens", "reconnect_needed")]
    assert len(emulator.requests(REVOKE)) == 1
    assert Attention.objects.filter(closed_at=None).count() == 1


@pytest.fixture
def former(browser, emulator):
    """A company that was connected, imported and disconnected."""
    realm = emulator.company("Cedar Lane Gardens")
    browser.connect(realm)
    browser.client.post("/settings/integrations/quickbooks/disconnect/")
    browser.message()
    Connection.objects.update(
        cursor=timezone.now(), invoices_since=timezone.now() - timedelta(days=9)
    )
    return Connection.objects.get()


def test_r21_the_same_company_after_disconnect_is_found_and_invoices_since_is_new(browser, former):
    now = timezone.now()
    link = linked_invoice(former)
    parked = {"connection": former, "sync_token": 0, "snapshot": "{}", "since": now}
    SetAside.objects.create(kind="Invoice", external_id="5", reason="no_email", **parked)
    SetAside.objects.create(kind="Invoice", external_id="6", reason="not_wanted", **parked)
    SetAside.objects.create(kind="Customer", external_id="7", reason="no_email", **parked)

    assert browser.connect(former.realm) == "Connected to Cedar Lane Gardens."

    after = Connection.objects.get()
    assert (after.pk, after.status, after.cursor) == (former.pk, "connected", None)
    assert after.disconnected_at is None
    assert after.invoices_since >= now.replace(microsecond=0)
    assert after.invoices_since_here >= now
    link.refresh_from_db()
    assert link.frozen_at is not None
    assert set(SetAside.objects.values_list("external_id", flat=True)) == {"6", "7"}
    assert list(Run.objects.order_by("id").values_list("status", flat=True)) == [
        "stopped",
        "running",
    ]


def test_r21_another_company_after_disconnect_is_kept_apart(browser, former, emulator):
    browser.connect(emulator.company("Maple Ridge"))
    assert stored() == [("Cedar Lane Gardens", "disconnected"), ("Maple Ridge", "connected")]


def test_two_people_connecting_two_companies_at_once_get_one_connection(
    browser, emulator, admin_client
):
    realms = [emulator.company(name) for name in ("One", "Two")]
    ways = [(realm, browser.asked(), browser.grant(realm)) for realm in realms]
    cookies = {name: morsel.value for name, morsel in admin_client.cookies.items()}

    def come_back():
        realm, state, code = ways.pop()
        client = Client()
        client.cookies.load(cookies)
        return client.get(CALLBACK, {"code": code, "state": state, "realmId": realm}).status_code

    assert together(2, come_back) == [302, 302]
    assert Connection.objects.live().count() == 1
    assert Connection.objects.count() == 1


def test_r21_connecting_on_a_copy_makes_this_address_its_home(browser, emulator):
    realm = emulator.company()
    browser.connect(realm)
    Connection.objects.update(site_url="https://crm.example.com")
    browser.connect(realm)
    assert Connection.objects.get().at_home


def test_nothing_readable_of_tokens_or_realm_is_in_the_database(browser, emulator):
    realm = emulator.company()
    browser.connect(realm)
    connection = Connection.objects.get()
    secrets = [connection.access_token, connection.refresh_token, realm]
    with database.cursor() as cursor:
        cursor.execute("SELECT integrations_connection::text FROM integrations_connection")
        row = cursor.fetchone()[0]
        cursor.execute("SELECT payload FROM django_q_ormq")
        tasks = str(cursor.fetchall())
    sessions = str([each.get_decoded() for each in Session.objects.all()])
    for secret in secrets:
        assert secret not in row
        assert secret not in tasks
        assert secret not in sessions
