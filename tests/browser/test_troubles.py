"""What goes wrong between a person, Intuit and us, and who may mend it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser

CARD = "/settings/integrations/"
COMPANY = "Cedar Lane Supply"
OTHER = "Blank Slate LLC"


def test_r2_cancelled_at_intuit_on_a_phone(visit, site):
    anna = visit(**PHONE)
    anna.open(CARD)
    anna.sees_all_of_it()
    anna.go_to_consent()
    anna.press(anna.button("Cancel"))
    anna.toast("You cancelled at Intuit. Nothing was connected.")
    expect(anna.page.get_by_text("Not connected", exact=True)).to_be_visible()
    # The address that Intuit leads back to works once.
    anna.page.go_back()
    anna.page.go_back()
    anna.go_to_consent()
    anna.consent(COMPANY)
    anna.toast(f"Connected to {COMPANY}.")


def test_r21_disconnected_inside_quickbooks(visit, bookkeeper):
    anna = visit()
    page = anna.page
    anna.connect(COMPANY)
    kim = bookkeeper(COMPANY)
    kim.disconnects_the_app()
    kim.adds_customer("Wren", "Castillo", "wren@castillo.example")

    needed = page.get_by_text(f"QuickBooks ({COMPANY}) has to be connected again")
    anna.open("/")
    anna.until_shown(needed)
    anna.finds_nothing_wrong()
    sam = visit("staff")
    sam.open("/")
    expect(sam.page.get_by_text("An admin has to see to it.")).to_be_visible()

    anna.press(anna.link("See the connection"))
    expect(anna.link("Finish disconnecting")).to_be_visible()
    anna.go_to_consent("Reconnect")
    anna.consent(OTHER)
    refused = f"You chose {OTHER} at Intuit, but this CRM is connected to {COMPANY}."
    anna.toast(refused)
    anna.go_to_consent("Reconnect")
    anna.consent(COMPANY)
    anna.toast(f"Connected to {COMPANY}.")
    anna.go_to("Contacts")
    expect(needed).to_have_count(0)
    anna.until_shown(page.get_by_text("Wren Castillo"))


def test_r1_staff_never_see_the_controls(visit):
    anna, sam = visit(), visit("staff")
    sam.open(CARD)
    expect(sam.page.get_by_text("An admin can connect it.")).to_be_visible()
    assert controls(sam) == []
    anna.connect(COMPANY)
    sam.open(CARD)
    expect(sam.page.get_by_text("Import finished")).to_be_visible()
    assert controls(sam) == []
    sam.go_to("Contacts")
    sam.find("Nora Whitfield")
    assert sam.complaints == []
    for address in ("reset/", "disconnect/", "reconnect/"):
        assert sam.page.goto(f"{sam.site.url}{CARD}quickbooks/{address}").status == 403
        assert controls(sam) == []
    # The browser itself remarks on each refusal.
    assert all("403" in said for said in sam.complaints)
    sam.complaints.clear()


def controls(visitor):
    """Whatever on the page could be pressed to change something."""
    main = visitor.page.get_by_role("main")
    return main.locator("form[method=post], button:visible, summary").all_inner_texts()
