"""Connect, reset and disconnect as a person does it, with a real browser."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from integrations.models import Connection

pytestmark = pytest.mark.browser


@pytest.fixture
def site(live_server, settings):
    """The site under the address that it believes to have."""
    settings.SITE_URL = f"http://localhost:{urlsplit(live_server.url).port}"
    return settings.SITE_URL


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request, open_page, site, admin_user):
    page = open_page(
        admin_user, java_script_enabled=request.param, viewport={"width": 1200, "height": 800}
    )
    page.with_scripts = request.param
    return page


def picture(page, name):
    """Look at it: SCREENSHOTS=/some/folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"connection-{name}.png", full_page=True)


def test_connect_reset_and_disconnect(page, site, emulator, settings):
    emulator.company("Cedar Lane Gardens")

    page.goto(f"{site}/settings/integrations/")
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("You cancelled at Intuit. Nothing was connected.")).to_be_visible()
    picture(page, "cancelled")

    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Connect").click()
    toast = page.get_by_text("Connected to Cedar Lane Gardens.")
    expect(toast).to_be_visible()
    expect(page).to_have_url(f"{site}/settings/integrations/")
    if page.with_scripts:
        box = toast.bounding_box()
        assert box["x"] > 600
        assert box["y"] > 400
    picture(page, "connected")

    page.goto(f"{site}/settings/integrations/quickbooks/reconnect/")
    picture(page, "reconnect")

    page.goto(f"{site}/settings/integrations/")
    page.locator("summary[aria-label='More for QuickBooks Online']").click()
    page.get_by_role("link", name="Reset connection").click()
    expect(page.get_by_role("heading", name="Reset the connection to Cedar Lane")).to_be_visible()
    picture(page, "reset")

    page.goto(f"{site}/settings/integrations/")
    page.locator("summary[aria-label='More for QuickBooks Online']").click()
    page.get_by_role("link", name="Disconnect").click()
    expect(page.get_by_role("heading", name="Disconnect Cedar Lane Gardens?")).to_be_visible()
    picture(page, "disconnect")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("heading", name="Cedar Lane Gardens is disconnected")).to_be_visible()
    expect(page.get_by_role("link", name="My apps in QuickBooks")).to_have_attribute(
        "href", f"{settings.QUICKBOOKS_APP_URL}/apps/myapps"
    )
    picture(page, "disconnected")
    assert Connection.objects.get().status == "disconnected"


def test_the_page_that_quickbooks_sends_people_to(open_page, site, page):
    stranger = open_page(None)
    stranger.goto(f"{site}/settings/integrations/quickbooks/disconnected/?realmId=1")
    expect(stranger.get_by_role("heading", name="QuickBooks is disconnected")).to_be_visible()
    picture(stranger, "disconnected-in-quickbooks")
    stranger.get_by_role("link", name="Sign in and reconnect").click()
    expect(stranger).to_have_url(re.compile("/accounts/login/"))
