"""Connect, import, an invoice that arrives, its payment, reset, disconnect: as a person sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser

COMPANY = "Cedar Lane Supply"

# A mouse at a desk, and a phone with scripts, are what the other stories have.
WAYS = {
    "keyboard": {"keyboard_only": True},
    "phone without scripts": {**PHONE, "scripts": False},
}


@pytest.fixture(params=WAYS, ids=list(WAYS))
def anna(request, visit):
    """The business's admin, not signed in yet."""
    anna = visit(None, **WAYS[request.param])
    anna.looks_closely = request.param == "keyboard"
    return anna


def examined(visitor):
    visitor.sees_all_of_it()
    if visitor.looks_closely:
        visitor.finds_nothing_wrong()


def test_the_whole_story(anna, bookkeeper):
    page = anna.page
    anna.sign_in()
    anna.go_to_integrations()
    examined(anna)

    anna.go_to_consent()
    examined(anna)
    anna.consent(COMPANY)
    anna.toast(f"Connected to {COMPANY}.")
    anna.until_shown(page.get_by_text("Import finished"))
    expect(page.locator("#import")).to_contain_text("Skipped")
    examined(anna)

    anna.go_to("Contacts")
    examined(anna)
    anna.find("Nora Whitfield")
    expect(page.get_by_text("In step", exact=True).first).to_be_visible()
    examined(anna)
    anna.go_to("Products")
    examined(anna)
    anna.find("Bark mulch")
    expect(page.get_by_text("In step", exact=True).first).to_be_visible()
    examined(anna)

    kim = bookkeeper(COMPANY)
    number = kim.invoices("Nora Whitfield", "Bark mulch", quantity="3", price="50")
    anna.go_to("Invoices")
    # A person who looks now and then; nobody pressed anything here.
    anna.until_shown(page.get_by_role("link", name=number), seconds=10)
    examined(anna)
    anna.press(page.get_by_role("link", name=number))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Invoice {number}")
    expect(page.locator(".sum.due")).not_to_contain_text("0.00")
    examined(anna)

    kim.is_paid()
    anna.until_shown(page.locator(".subtitle").get_by_text("Paid"), seconds=10)
    examined(anna)
    invoice = page.url

    anna.choose_in_card_menu("Reset connection")
    expect(page.get_by_text("1 invoice that is kept in step now will stop.")).to_be_visible()
    examined(anna)
    anna.press(anna.button("Reset connection"))
    anna.toast("Reset began.")
    anna.until_shown(page.get_by_text("The connection was reset"))
    page.goto(invoice)
    expect(page.get_by_text("Frozen:")).to_be_visible()
    examined(anna)

    anna.choose_in_card_menu("Disconnect")
    examined(anna)
    anna.press(anna.button("Disconnect"))
    expect(page.get_by_role("heading", name=f"{COMPANY} is disconnected")).to_be_visible()
    expect(page.get_by_text("One step is left, in QuickBooks")).to_be_visible()
    examined(anna)
    with anna.new_tab(anna.link("My apps in QuickBooks")) as apps:
        expect(apps.get_by_role("heading", name="My apps")).to_be_visible()
    anna.go_to("Contacts")
    anna.find("Nora Whitfield")


def test_r3_the_bar_moves_while_thousands_come_in(visit, site):
    site.emulator.generate(site.realm(COMPANY), customers=4_000, spread_seconds=86_400)
    # As long as the real QuickBooks takes for a page of a thousand.
    site.emulator.fail(mode="slow", containing="STARTPOSITION", seconds=1.0)
    anna = visit()
    anna.open("/settings/integrations/")
    anna.go_to_consent()
    anna.consent(COMPANY)
    bar = anna.page.get_by_role("progressbar", name="Customers")
    bar.wait_for()
    seen = set()
    # In one look each time: it may be gone the next moment.
    while values := bar.evaluate_all("bars => bars.map(bar => bar.getAttribute('value'))"):
        seen.update(values)
        anna.page.wait_for_timeout(100)
    assert len(seen) > 2
    expect(anna.page.get_by_text("Import finished")).to_be_visible()
