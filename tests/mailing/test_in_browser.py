"""Writing and watching a broadcast in a real browser."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import expect

from contacts.models import SequenceStep
from contacts.services.mailing import broadcasts, delivering, steps
from tests.factories import ContactFactory
from tests.mailing.acts import broadcast
from tests.readable import assert_readable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(open_page, business, staff, postbox):
    """Pages of staff: `opened(viewport=...)`, with two who agreed."""
    for name in ("Anna", "Ben"):
        ContactFactory(first_name=name, email=f"{name}@x.example".lower(), consent="marketable")
    return partial(open_page, staff)


def test_a_broadcast_is_written_with_a_live_preview_sent_and_watched_to_its_end(opened, postbox):
    page = opened()
    page.goto("/contacts/")
    page.get_by_role("link", name="Broadcast to this list").click()
    page.get_by_label("Subject").fill("For {{ first_name }}")
    page.get_by_role("textbox", name="Message").fill("**Hello** {{ first_name }}")
    preview = page.get_by_role("region", name="Preview")
    preview.get_by_text("For Anna", exact=True).wait_for()
    page.get_by_label("Search", exact=True).last.fill("ben")
    preview.get_by_text("For Ben", exact=True).wait_for()
    page.get_by_role("region", name="Who gets it").get_by_text("1 of 1 contact").wait_for()
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Send…").click()
    page.get_by_role("button", name="Send to 1").click()
    page.get_by_text("0 of 1").wait_for()
    delivering.deliver(5)
    page.get_by_text("1 of 1").wait_for()
    assert postbox.addresses == ["ben@x.example"]
    expect(page.locator("#progress[hx-get]")).to_have_count(0)


def test_its_pages_are_accessible_and_fit_their_window(opened, staff):
    sent = broadcast(by=staff, body="# News\n\nHello")
    draft = broadcasts.write(subject="Soon", body="Hi", audience="", by=staff)
    steps.add_step(subject="Welcome", body="Hi", delay=timedelta(0), by=staff)
    step = SequenceStep.objects.get()
    assert_readable(
        opened(),
        "/broadcasts/",
        "/broadcasts/new/",
        f"/broadcasts/{draft.pk}/",
        f"/broadcasts/{draft.pk}/edit/",
        f"/broadcasts/{draft.pk}/send/",
        f"/broadcasts/{sent.pk}/",
        f"/broadcasts/{sent.pk}/stop/",
        f"/broadcasts/{sent.pk}/recipients/",
        "/broadcasts/sequence/",
        "/broadcasts/sequence/new/",
        f"/broadcasts/sequence/{step.pk}/edit/",
        f"/broadcasts/sequence/{step.pk}/remove/",
    )
