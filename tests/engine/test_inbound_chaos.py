"""A short form of `make chaos`: stories that seldom happen, and a few points of each flow."""

from __future__ import annotations

import pytest

from tests.chaos import flows, inbound, scenarios

STORIES = (
    "1,001 changes of two kinds between two polls",
    "deletions behind 900 customers and 200 invoices, cut per answer",
    "events before, during and after the import: cloudevents",
    "events before, during and after the import: legacy",
    "pulls of four processes at once",
    "a stale page of every kind, late",
    "refreshed by six processes at once, second use punished",
    "restored from an hour ago, its token is dead",
    "a copy on another address",
)
POINTS = {
    "import killed after its second page": lambda: inbound.killed(flows.Import, "after commit", 3),
    "poll killed before its rows are kept": lambda: inbound.killed(flows.Poll, "before commit", 0),
    "change after CDC has answered": lambda: inbound.overtaken(
        flows.Poll, "after GET cdc", 0, inbound.change_meanwhile
    ),
    "lease lost while CDC answers": lambda: inbound.overtaken(
        flows.Poll, "after GET cdc", 0, inbound.lease_lost
    ),
    "silence instead of CDC's answer": lambda: inbound.silent(flows.Poll, "GET", "cdc"),
    "notification killed before it is stored": lambda: inbound.killed(
        flows.Notified, "before commit", 0
    ),
    "refresh killed when it was answered": lambda: inbound.killed(
        flows.RefreshWithoutGrace, "after POST /oauth2/v1/tokens/bearer", 0
    ),
    "no answer to a refresh": lambda: inbound.refused(
        flows.Refresh,
        "POST",
        "/oauth2/v1/tokens/bearer",
        0,
        inbound.INBOUND_FAULTS["no answer"],
    ),
    "a page instead of company settings in a reset": lambda: inbound.refused(
        flows.Reset, "GET", "preferences", 0, inbound.INBOUND_FAULTS["200 with a page"]
    ),
    "disconnect killed when it was revoked": lambda: inbound.killed(
        flows.Disconnect, "after POST /v2/oauth2/tokens/revoke", 0
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_story_ends_with_both_sides_equal(transactional_db, emulator, story):
    run = dict(scenarios.rows())[story]

    assert run(emulator) == []


@pytest.mark.parametrize("point", POINTS)
def test_flow_ends_right_once_time_has_passed(transactional_db, emulator, point):
    assert POINTS[point]()(emulator) == []
