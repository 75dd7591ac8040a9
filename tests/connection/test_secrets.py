"""A token, a code, a secret or a realm is in no log line, page, message or address of ours."""

from __future__ import annotations

import logging

import pytest
from django.core.management import call_command

from integrations import pulling, tasks
from integrations.models import Connection, Run
from tests.connection.conftest import BASE

PAGES = ["/settings/integrations/", "/activity/", "/attention/", "/skipped/", "/what-syncs/"]


@pytest.fixture
def log(caplog):
    """Everything that any logger may say, whatever the level."""
    caplog.set_level(logging.DEBUG)
    return caplog


def test_a_whole_life_leaves_no_secret_anywhere(browser, emulator, admin_client, log, capsys):
    realm, other = emulator.company("Cedar Lane Gardens"), emulator.company("Maple Ridge")
    emulator.add(
        realm,
        "Customer",
        {"DisplayName": "Wilhelmina Xu", "PrimaryEmailAddr": {"Address": "wx@example.com"}},
    )
    secrets = {realm, other, "emulator-secret", "emulator-verifier"}
    shown = []

    def remember():
        connection = Connection.objects.get()
        secrets.update(filter(None, [connection.access_token, connection.refresh_token]))

    def look():
        below = [f"{BASE}/{name}/" for name in ("reset", "disconnect", "reconnect", "progress")]
        shown.extend(admin_client.get(page).content.decode() for page in PAGES + below)

    def pull():
        pk = Connection.objects.get().pk
        Connection.objects.update(back_off_until=None)
        pulling.wake(pk)
        tasks.pull(pk)
        remember()

    state, code = browser.asked(), browser.grant(realm)
    secrets.update([state, code])
    response = browser.come_back(code=code, state=state, realmId=realm)
    shown.extend([str(response.headers), response.content.decode()])
    # The same again, and then somebody else's.
    browser.come_back(code=code, state=state, realmId=realm)
    shown.append(browser.connect(other))
    remember()
    look()
    tasks.continue_import(Run.objects.get().pk)
    assert Run.objects.get(kind="import").status == "done"
    for failure in ("unauthorized", "throttle", "reset_after", "truncate"):
        emulator.fail(mode=failure, path="/v3/", count=1)
        pull()
    emulator.disconnect(realm)
    pull()
    assert Connection.objects.get().status == "reconnect_needed"
    look()
    call_command("quickbooks_status")
    admin_client.post(f"{BASE}/disconnect/")
    look()

    shown.append(capsys.readouterr().out)
    said = "\n".join(f"{each.getMessage()} {each.exc_text or ''}" for each in log.records)
    assert "Connected QuickBooks as connection" in said
    for secret in secrets:
        assert secret not in said
        assert not [text for text in shown if secret in text]
    for private in ("Wilhelmina", "wx@example.com"):
        assert private not in said
