from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.record_states import RecordState
from tests.crm.pages import csv_rows
from tests.factories import (
    BusinessFactory,
    ContactFactory,
    InvoiceFactory,
    InvoiceLineFactory,
    ProductFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _business(db):
    BusinessFactory()


def test_contacts_csv_holds_every_field_exactly(browser, states):
    contact = ContactFactory(
        first_name="Jane",
        middle_name="M.",
        last_name='Doe "JD"',
        company="ACME, Inc.",
        email="Jane@Example.com",
        phone="+1 (512) 555-0199",
        line1="1 Main St",
        line5="Back\ndoor",
        city="Montréal",
        region="QC",
        postal_code="01234",
        country="Canada",
        consent="unsubscribed",
    )
    states["contact", contact.pk] = RecordState("In step", "ok", external_id="58")

    response = browser.get("/contacts/?format=csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert csv_rows(response) == [
        {
            "id": str(contact.pk),
            "first_name": "Jane",
            "middle_name": "M.",
            "last_name": 'Doe "JD"',
            "company": "ACME, Inc.",
            "email": "Jane@Example.com",
            "phone": "+1 (512) 555-0199",
            "line1": "1 Main St",
            "line2": "",
            "line3": "",
            "line4": "",
            "line5": "Back\ndoor",
            "city": "Montréal",
            "region": "QC",
            "postal_code": "01234",
            "country": "Canada",
            "marketing_status": "unsubscribed",
            "quickbooks_id": "58",
            "sync_state": "in_step",
        }
    ]


def test_products_csv(browser, states):
    product = ProductFactory(
        name="Lawn",
        full_name="Garden:Lawn",
        sku="L",
        description="two\nlines",
        unit_price=Decimal("0.1428571"),
        type="noninventory",
        active=False,
    )

    assert csv_rows(browser.get("/products/?format=csv")) == [
        {
            "id": str(product.pk),
            "name": "Lawn",
            "sku": "L",
            "description": "two\nlines",
            "unit_price": "0.1428571",
            "type": "noninventory",
            "active": "false",
            "quickbooks_id": "",
            "sync_state": "not_synced",
        }
    ]


@pytest.mark.parametrize(
    ("price", "text"),
    [("10", "10.00"), ("1E+3", "1000.00"), ("0", "0.00"), ("1.5", "1.50"), (None, "")],
)
def test_prices_have_two_decimals_at_least_and_no_exponent(browser, price, text):
    ProductFactory(unit_price=price and Decimal(price))

    (row,) = csv_rows(browser.get("/products/?format=csv"))

    assert row["unit_price"] == text


def test_invoices_csv(browser, states):
    invoice = InvoiceFactory(
        number="INV-1",
        contact__email="jane@example.com",
        issue_date=datetime.date(2026, 1, 31),
        due_date=None,
        currency="EUR",
        subtotal=Decimal("1000.1"),
        discount=Decimal("100"),
        tax=Decimal("9.9"),
        total=Decimal("910"),
        balance=Decimal("10.05"),
        sent=True,
    )
    states["invoice", invoice.pk] = RecordState(
        "Not synced", "muted", external_id="145", external_number="1042"
    )

    assert csv_rows(browser.get("/invoices/?format=csv")) == [
        {
            "id": str(invoice.pk),
            "number": "INV-1",
            "quickbooks_number": "1042",
            "contact_email": "jane@example.com",
            "issue_date": "2026-01-31",
            "due_date": "",
            "currency": "EUR",
            "subtotal": "1000.10",
            "discount": "100.00",
            "tax": "9.90",
            "total": "910.00",
            "balance": "10.05",
            "status": "partial",
            "quickbooks_id": "145",
            "sync_state": "not_synced",
        }
    ]


def test_invoices_csv_by_line(browser):
    invoice = InvoiceFactory(number="INV-1")
    InvoiceLineFactory(
        invoice=invoice,
        position=2,
        product_name="Garden:Stone",
        description="per metre",
        quantity=Decimal("5.9419"),
        unit_price=Decimal("92.5633333"),
        amount=Decimal("550"),
    )
    InvoiceLineFactory(
        invoice=invoice,
        position=5,
        product=None,
        product_name="",
        description="Only words",
        quantity=None,
        unit_price=None,
        amount=None,
    )
    InvoiceFactory(number="without lines")

    lines = csv_rows(browser.get("/invoices/?format=csv&lines=1"))

    names = ["number", "line", "product", "description", "quantity", "unit_price", "amount"]
    assert [[line[name] for name in names] for line in lines] == [
        ["INV-1", "1", "Garden:Stone", "per metre", "5.9419", "92.5633333", "550.00"],
        ["INV-1", "2", "", "Only words", "", "", ""],
    ]


def test_csv_is_what_the_filters_leave(browser):
    InvoiceFactory(number="A", currency="EUR")
    InvoiceFactory(number="B")
    ContactFactory(archived=True)

    assert [r["number"] for r in csv_rows(browser.get("/invoices/?currency=EUR&format=csv"))] == [
        "A"
    ]
    assert len(csv_rows(browser.get("/contacts/?format=csv"))) == 2
    assert len(csv_rows(browser.get("/contacts/?archived=all&format=csv"))) == 3


@pytest.mark.parametrize("lines", ["", "&lines=1"])
def test_csv_costs_a_constant_number_of_queries_per_chunk(
    browser, django_assert_max_num_queries, lines
):
    for invoice in InvoiceFactory.create_batch(30):
        InvoiceLineFactory.create_batch(2, invoice=invoice)

    # Session, person, one chunk, the empty one after it, and the lines of the first.
    with django_assert_max_num_queries(5):
        csv_rows(browser.get(f"/invoices/?format=csv{lines}"))
