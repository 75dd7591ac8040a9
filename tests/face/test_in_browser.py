"""The frame as a person uses it: by keyboard, without scripts, on a phone, in light and dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories import (
    PASSWORD,
    BusinessFactory,
    ContactFactory,
    InvoiceFactory,
    PaymentFactory,
    ProductFactory,
    UserFactory,
)
from tests.readable import assert_readable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/",
    "/contacts/",
    "/products/",
    "/invoices/",
    "/search?q=oak",
    "/settings/profile/",
    "/settings/business/",
    "/settings/people/",
    "/settings/people/invite/",
    "/accounts/2fa/",
    "/accounts/password/change/",
]


@pytest.fixture
def records():
    BusinessFactory()
    contact = ContactFactory(first_name="Oakley", last_name="Barnes", email="barnes@mill.example")
    ContactFactory.create_batch(3, first_name="Dana")
    ProductFactory(name="Oak table")
    InvoiceFactory(sent=True, contact=contact)
    PaymentFactory(contact=contact)


def test_every_page_is_accessible_and_fits_its_window(signed_in, records):
    assert_readable(signed_in(), *PAGES)


def test_typing_narrows_the_list_and_the_address_can_be_shared(signed_in, records):
    page = signed_in()
    page.goto("/contacts/")
    page.get_by_label("Search", exact=True).press_sequentially("oakl")
    page.get_by_text("1 contact", exact=True).wait_for()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/contacts/\?q=oakl$"))
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Clear the filters").click()
    page.get_by_text("4 contacts", exact=True).wait_for()
    page.go_back()
    page.get_by_text("1 contact", exact=True).wait_for()


def test_without_scripts_lists_menus_and_messages_work(signed_in, records):
    page = signed_in(java_script_enabled=False)
    page.goto("/contacts/?sort=-name")
    page.get_by_label("Search", exact=True).fill("dana")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page).to_have_url(re.compile("sort=-name"))
    page.goto("/settings/profile/")
    page.get_by_label("Family name").fill("Moreno")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile was saved.")).to_be_visible()
    page.locator("summary", has_text="AM").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/accounts/login/$"))


def test_settings_are_reached_by_keyboard_alone(signed_in, records):
    page = signed_in()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    summary = page.locator("summary[aria-label^='Account menu']")
    for _ in range(40):
        if summary.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Settings").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Settings")).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/profile/")
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_attribute("name", "q")


def test_a_success_goes_by_itself_and_an_error_stays(signed_in, records):
    page = signed_in()
    page.clock.install()
    page.goto("/settings/profile/")
    page.get_by_role("button", name="Save").click()
    toast = page.get_by_text("Your profile was saved.")
    toast.wait_for()
    box = toast.bounding_box()
    size = page.viewport_size
    assert box["x"] > size["width"] / 2
    assert box["y"] > size["height"] / 2
    page.clock.run_for(7000)
    toast.wait_for(state="detached")
    page.evaluate("htmx.trigger(document.body, 'htmx:sendError')")
    page.get_by_text("The server could not be reached.").wait_for()
    page.clock.run_for(60_000)
    page.get_by_role("button", name="Close this message").click()
    page.get_by_text("The server could not be reached.").wait_for(state="detached")


def test_a_person_signs_in_and_out(open_page):
    UserFactory(email="sam@business.example")
    page = open_page(None)
    page.goto("/contacts/")
    page.get_by_label("Email").fill("SAM@business.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".errorlist")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Contacts", exact=True).wait_for()
    page.locator("summary[aria-label^='Account menu']").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
