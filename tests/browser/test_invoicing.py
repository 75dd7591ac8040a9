"""From a blank invoice here to paid there, and from a payment there to paid here."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser

COMPANY = "Cedar Lane Supply"


def in_quickbooks(site, kind):
    return site.emulator.store(site.realm(COMPANY)).get(kind, [])


def in_step(visitor):
    """The record that is open has reached QuickBooks; follow its link there."""
    panel = visitor.page.get_by_role("region", name="QuickBooks", exact=True)
    visitor.until_shown(panel.get_by_text("In step", exact=True))
    return panel.get_by_role("link", name="Open in QuickBooks").first


def test_r15_from_a_blank_invoice_to_paid_on_both_sides(visit, bookkeeper, site):
    anna = visit()
    page = anna.page
    anna.connect(COMPANY)
    before = {kind: len(in_quickbooks(site, kind)) for kind in ("Customer", "Invoice", "Payment")}

    anna.go_to("Invoices")
    anna.press(anna.link("New invoice"))
    anna.arrives_at("New invoice")
    anna.finds_nothing_wrong()
    page.get_by_text("Add a new contact").click()
    page.get_by_label("First name").fill("Ottilie")
    page.get_by_label("Last name").fill("Brandt")
    page.get_by_label("Email").fill("ottilie@brandt.example")
    page.get_by_label("Product, line 1").fill("Bark mulch")
    page.get_by_label("Product, line 1").blur()
    page.get_by_label("Quantity, line 1").fill("3")
    page.get_by_label("Price, line 1").fill("19.99")
    page.get_by_label("Description, line 2").fill("Carried to the back garden")
    page.get_by_label("Price, line 2").fill("12.50")
    expect(page.locator("[data-total]")).to_have_text("72.47")
    anna.press(anna.button("Save and mark as sent…"))
    anna.arrives_at("Mark as sent?")
    anna.finds_nothing_wrong()
    anna.press(anna.button("Mark as sent"))
    anna.toast("is marked as sent and emailed to ottilie@brandt.example.")
    there = in_step(anna)
    anna.finds_nothing_wrong()
    with anna.new_tab(there) as quickbooks:
        expect(quickbooks.get_by_role("main")).to_contain_text("Ottilie Brandt")
        expect(quickbooks.get_by_role("main")).to_contain_text("72.47")

    anna.press(anna.link("Record payment"))
    anna.arrives_at("Record payment")
    anna.finds_nothing_wrong()
    page.get_by_label("Amount received").fill("72.47")
    page.get_by_label("Reference").fill("1042")
    anna.press(anna.button("Record payment"))
    expect(page.locator(".subtitle").get_by_text("Paid")).to_be_visible()
    anna.until_shown(page.get_by_text("In step", exact=True))
    with anna.new_tab(in_step(anna)) as quickbooks:
        # The payment travels by itself; the page there is looked at again until it has come.
        paid = quickbooks.get_by_role("main").get_by_text("paid", exact=True)
        for _ in range(20):
            if paid.count():
                break
            quickbooks.wait_for_timeout(250)
            quickbooks.reload()
        expect(paid).to_be_visible()

    after = {kind: len(in_quickbooks(site, kind)) for kind in before}
    assert after == {kind: number + 1 for kind, number in before.items()}


def test_r18_a_payment_in_quickbooks_pays_an_invoice_made_on_a_phone(visit, bookkeeper, site):
    anna = visit(**PHONE)
    page = anna.page
    anna.connect(COMPANY)
    anna.open("/invoices/new/")
    page.get_by_label(re.compile("^Contact")).fill("nora.whitfield@example.com")
    page.get_by_label("Description, line 1").fill("Two hours of weeding")
    page.get_by_label("Price, line 1").fill("80")
    anna.sees_all_of_it()
    anna.press(anna.button("Save and mark as sent…"))
    anna.press(anna.button("Mark as sent"))
    in_step(anna)
    anna.sees_all_of_it()
    number = page.get_by_role("heading", level=1).inner_text().removeprefix("Invoice ")

    kim = bookkeeper(COMPANY)
    kim.find_invoice(number)
    kim.is_paid()
    anna.until_shown(page.locator(".subtitle").get_by_text("Paid"))
    expect(page.locator(".sum.due")).to_contain_text("0.00")
    anna.finds_nothing_wrong()


def test_r17_a_held_invoice_is_announced_says_why_and_goes_once_its_button_is_pressed(visit, site):
    anna = visit()
    page = anna.page
    anna.connect("Harbour Lane Ltd")
    realm = site.realm("Harbour Lane Ltd")
    address = next(
        row["PrimaryEmailAddr"]["Address"]
        for row in site.emulator.store(realm)["Customer"]
        if row.get("PrimaryEmailAddr") and row["Active"]
    )
    anna.open("/invoices/new/")
    page.get_by_label(re.compile("^Contact")).fill(address)
    page.get_by_label("Description, line 1").fill("Rope, by the metre")
    page.get_by_label("Price, line 1").fill("40")
    anna.press(anna.button("Save and mark as sent…"))
    expect(page.get_by_text("QuickBooks has no tax code named exactly Exempt.")).to_be_visible()
    anna.press(anna.button("Mark as sent"))
    panel = page.get_by_role("region", name="QuickBooks", exact=True)
    anna.until_shown(panel.get_by_text("Held", exact=True))
    expect(panel).to_contain_text("Create an active tax code named exactly Exempt in QuickBooks.")
    anna.finds_nothing_wrong()

    site.emulator.add(realm, "TaxCode", {"Name": "Exempt", "Active": True})
    anna.press(panel.get_by_role("button", name="Try again"))
    anna.toast("It is being sent to QuickBooks.")
    in_step(anna)
    expect(anna.button("Try again")).to_have_count(0)
    assert site.emulator.store(realm)["Invoice"][-1]["TotalAmt"] == 40
