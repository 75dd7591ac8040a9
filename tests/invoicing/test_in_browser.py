"""Writing and settling an invoice as a person does: by keyboard, with scripts, on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from playwright.sync_api import expect

from contacts.models import Invoice, Payment
from contacts.services.invoicing import Line, create_draft, mark_sent
from tests.factories import BusinessFactory, ContactFactory, ProductFactory, UserFactory
from tests.readable import assert_readable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

INVOICE = re.compile(r"/invoices/\d+/$")


@pytest.fixture
def opened(open_page, transactional_db):
    """Pages of a signed-in person: `opened(viewport=...)`."""
    return partial(open_page, UserFactory())


@pytest.fixture
def world():
    BusinessFactory(invoice_prefix="NW-", next_invoice_number=501)
    ProductFactory(
        name="Oak table",
        full_name="Furniture:Oak table",
        unit_price=Decimal(480),
        description="Solid oak",
    )
    return ContactFactory(first_name="Dana", last_name="Reeves", email="dana@customer.example")


def test_from_a_blank_page_to_paid_by_keyboard(opened, world):
    page = opened()
    page.goto("/invoices/new/")
    page.get_by_label("Contact", exact=True).focus()
    page.keyboard.type("Dana Ree")
    choice = page.locator("#contact-choices option").first
    choice.wait_for(state="attached")
    page.get_by_label("Contact", exact=True).fill("Dana Reeves <dana@customer.example>")
    item = page.get_by_label("Product, line 1")
    item.focus()
    with page.expect_response("**/invoices/choices/products/*oak*"):
        page.keyboard.type("oak")
    page.locator("#product-choices option[data-price='480.00']").wait_for(state="attached")
    item.fill("Furniture:Oak table")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Price, line 1")).to_have_value("480.00")
    expect(page.get_by_label("Description, line 1")).to_have_value("Solid oak")
    page.get_by_label("Quantity, line 1").fill("2.5")
    page.get_by_label("Description, line 2").fill("Delivery")
    page.get_by_label("Price, line 2").fill("1,234.565")
    page.locator("[name=discount_value]").fill("10")
    page.locator("[name=discount_kind]").select_option("percent")
    page.get_by_label("Terms").fill("Net 15")
    page.keyboard.press("Tab")

    expect(page.locator("[data-subtotal]")).to_have_text("2,434.57")
    expect(page.locator("[data-total]")).to_have_text("2,191.11")

    page.get_by_role("button", name="Move line 2 up").press("Enter")
    page.locator("[aria-label='Move line 1 down']:focus").wait_for()
    expect(page.get_by_label("Description, line 1")).to_have_value("Delivery")
    page.get_by_role("button", name="Save and mark as sent").press("Enter")
    page.get_by_label("I send it myself").check()
    page.get_by_role("button", name="Mark as sent").press("Enter")
    page.get_by_role("link", name="Record payment").press("Enter")
    page.get_by_role("button", name="Record payment").press("Enter")
    page.wait_for_url(INVOICE)

    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.total) == ("NW-501", Decimal("2191.11"))
    assert (invoice.due_date - invoice.issue_date).days == 15
    assert (invoice.balance, Payment.objects.get().amount) == (0, Decimal("2191.11"))


def test_pages_are_accessible_and_fit(opened, world):
    line = [Line(None, "Delivery", Decimal(2), Decimal("12.50"))]
    draft = create_draft(world, line)
    sent = mark_sent(create_draft(world, line))
    Invoice.objects.filter(pk=sent.pk).update(due_date=sent.issue_date - timedelta(days=1))
    assert_readable(
        opened(),
        "/invoices/new/",
        f"/invoices/{draft.pk}/edit/",
        f"/invoices/{draft.pk}/send/",
        f"/invoices/{sent.pk}/",
        f"/invoices/{sent.pk}/pay/",
        f"/invoices/{sent.pk}/void/",
        f"/invoices/{sent.pk}/remind/",
        f"/invoices/{sent.pk}/payments/new/",
        f"/contacts/{world.pk}/payments/new/",
    )


def test_without_scripts_the_page_adds_lines_and_saves(opened, world):
    page = opened(java_script_enabled=False)
    page.goto("/invoices/new/")
    page.get_by_label("Contact", exact=True).fill("dana@customer.example")
    page.get_by_label("Product, line 1").fill("oak table")
    page.get_by_role("button", name="Add lines").click()
    expect(page.get_by_label("Product, line 8")).to_have_count(1)
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url(INVOICE)
    assert Invoice.objects.get().total == Decimal(480)
