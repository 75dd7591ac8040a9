"""Writing and watching a broadcast in a real browser."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections

from contacts.services.mailing import delivering, steps
from tests.face.browser import launched
from tests.factories import ContactFactory
from tests.mailing.acts import broadcast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(client, live_server, business, staff, postbox):
    """Pages of staff: `opened(viewport=...)`, with two who agreed."""
    for name in ("Anna", "Ben"):
        ContactFactory(first_name=name, email=f"{name}@x.example".lower(), consent="marketable")
    client.force_login(staff)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with launched() as browser:

        def page(**options):
            context = browser.new_context(base_url=live_server.url, **options)
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
            context.set_default_timeout(15_000)
            return context.new_page()

        yield page
        connections.close_all()


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
    assert page.locator("#progress[hx-get]").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_its_pages_are_accessible_and_fit_their_window(opened, staff, scheme, width):
    sent = broadcast(by=staff, body="# News\n\nHello")
    steps.add_step(subject="Welcome", body="Hi", delay=sent.created_at - sent.created_at, by=staff)
    page = opened(color_scheme=scheme, viewport={"width": width, "height": 740})
    for address in (
        "/broadcasts/",
        "/broadcasts/new/",
        f"/broadcasts/{sent.pk}/",
        f"/broadcasts/{sent.pk}/recipients/",
        "/broadcasts/sequence/",
        "/broadcasts/sequence/new/",
    ):
        assert page.goto(address).ok
        found = [(v["id"], v["nodes"][0]["html"]) for v in Axe().run(page)["violations"]]
        assert found == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
