from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from contacts.models import Allocation
from contacts.record_states import RecordState
from tests.crm.pages import words
from tests.factories import (
    BusinessFactory,
    ContactFactory,
    InvoiceFactory,
    InvoiceLineFactory,
    PaymentFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _business(db):
    BusinessFactory(
        name="Northwind Joinery",
        address="12 Orchard Lane\nAustin",
        tax_number="US 74",
        how_to_pay="By bank transfer",
    )


def page_of(browser, invoice):
    return words(browser.get(f"/invoices/{invoice.pk}/"))


def test_an_invoice_reads_like_one(browser):
    contact = ContactFactory(
        first_name="Jane",
        last_name="Doe",
        company="ACME",
        line1="1 Main St",
        city="Austin",
        region="TX",
        postal_code="78701",
        country="USA",
        email="jane@example.com",
    )
    invoice = InvoiceFactory(
        contact=contact,
        number="1042",
        origin="quickbooks",
        sent=True,
        issue_date=datetime.date(2026, 1, 31),
        due_date=datetime.date(2026, 3, 2),
        terms="Net 30",
        subtotal=Decimal(850),
        discount=Decimal("42.50"),
        tax=Decimal("10"),
        total=Decimal("817.50"),
        balance=Decimal("217.50"),
        credited=Decimal(100),
        memo="Thank you",
    )
    InvoiceLineFactory(
        invoice=invoice,
        position=1,
        product_name="Garden:Stone",
        description="per metre",
        quantity=Decimal("5.9419"),
        unit_price=Decimal("92.5633333"),
        amount=Decimal(550),
    )
    for position, amount in [(2, "120"), (3, "180")]:
        InvoiceLineFactory(
            invoice=invoice,
            position=position,
            bundle_name="Spring",
            product_name=f"Part {position}",
            description="",
            quantity=Decimal(2),
            unit_price=Decimal(amount) / 2,
            amount=Decimal(amount),
        )
    payment = PaymentFactory(contact=contact, amount=Decimal(500))
    Allocation.objects.create(payment=payment, invoice=invoice, amount=Decimal(500))

    page = page_of(browser, invoice)

    assert "Northwind Joinery 12 Orchard Lane Austin" in page
    assert "Tax number US 74" in page
    assert "Invoice 1042 Date 31 Jan 2026 Due 2 Mar 2026 Terms Net 30" in page
    assert "Bill to Jane Doe ACME 1 Main St Austin, TX 78701 USA jane@example.com" in page
    assert "Garden:Stone per metre 5.9419 92.5633333 550.00" in page
    assert "Spring 300.00 Part 2 2 60.00 120.00 Part 3 2 90.00 180.00" in page
    assert (
        "Subtotal 850.00 USD Discount −42.50 USD Tax 10.00 USD Total 817.50 USD "
        "Paid −500.00 USD Credited in QuickBooks −100.00 USD Balance 217.50 USD" in page
    )
    assert "Thank you" in page
    assert "By bank transfer" in page


def test_r13_an_invoice_from_quickbooks_says_why_it_is_read_only(browser):
    plain = InvoiceFactory(origin="quickbooks", sent=True)
    locked = InvoiceFactory(sent=True, locked_reason="QuickBooks holds a class on it")
    own = InvoiceFactory(sent=True)

    assert "Read-only here: it was made in QuickBooks" in page_of(browser, plain)
    assert "Read-only here: QuickBooks holds a class on it." in page_of(browser, locked)
    assert "Read-only here" not in page_of(browser, own)
    assert (
        f"/invoices/{plain.pk}/edit/" not in browser.get(f"/invoices/{plain.pk}/").content.decode()
    )


def test_r13_void_keeps_lines_and_total_and_says_since_when(browser):
    invoice = InvoiceFactory(
        void=True,
        total=Decimal(99),
        voided_at=timezone.now(),
        void_note="deleted in QuickBooks",
    )
    InvoiceLineFactory(invoice=invoice, position=1, product_name="Desk", amount=Decimal(99))

    page = page_of(browser, invoice)

    assert "Void since just now. Deleted in QuickBooks. The lines and the total" in page
    assert "Desk" in page
    assert "Total 99.00 USD Balance 0.00 USD" in page
    assert "By bank transfer" not in page


def test_r19_a_frozen_invoice_says_so(browser, states):
    invoice = InvoiceFactory()
    states["invoice", invoice.pk] = RecordState(
        "Frozen", "muted", reason="It was made before the connection was reset."
    )

    page = page_of(browser, invoice)

    assert page.count("It was made before the connection was reset.") == 1
    assert "Frozen: It was made before" in page


@pytest.mark.parametrize(
    ("ours", "theirs", "heading", "also"),
    [
        ("INV-1", "1042", "Invoice INV-1", "number 1042 in QuickBooks"),
        ("1042", "1042", "Invoice 1042", ""),
        ("", "1042", "Invoice 1042", ""),
        ("", "", "Invoice without a number", ""),
    ],
)
def test_r15_both_numbers_are_shown_when_they_differ(browser, states, ours, theirs, heading, also):
    invoice = InvoiceFactory(number=ours)
    states["invoice", invoice.pk] = RecordState("In step", "ok", external_number=theirs)

    page = page_of(browser, invoice)

    assert heading in page
    assert ("number 1042 in QuickBooks" in page) == bool(also)


def test_r18_parts_of_a_payment_that_went_elsewhere_are_shown(browser):
    invoice, other = InvoiceFactory(number="A", sent=True), InvoiceFactory(number="B", sent=True)
    payment = PaymentFactory(
        contact=invoice.contact,
        amount=Decimal(100),
        elsewhere=Decimal(20),
        unapplied=Decimal(5),
        method="Check",
        reference="77",
    )
    Allocation.objects.create(payment=payment, invoice=invoice, amount=Decimal(60))
    Allocation.objects.create(payment=payment, invoice=other, amount=Decimal(15))

    page = page_of(browser, invoice)

    assert (
        "60.00 USD 100.00 USD in all 15.00 USD to B 20.00 USD elsewhere in QuickBooks "
        "5.00 USD not applied yet Check 77" in page
    )


def test_a_text_line_has_no_figures(browser):
    invoice = InvoiceFactory()
    InvoiceLineFactory(
        invoice=invoice,
        position=1,
        product=None,
        product_name="",
        description="Only words",
        quantity=None,
        unit_price=None,
        amount=None,
    )

    assert "Amount, USD Only words How to pay" in page_of(browser, invoice)


def test_an_invoice_costs_the_same_however_long_it_is(browser, django_assert_max_num_queries):
    invoice = InvoiceFactory()

    def fill(start, times):
        for position in range(start, start + times):
            InvoiceLineFactory(invoice=invoice, position=position)
            payment = PaymentFactory(contact=invoice.contact)
            Allocation.objects.create(payment=payment, invoice=invoice, amount=Decimal(1))
            Allocation.objects.create(payment=payment, invoice=InvoiceFactory(), amount=Decimal(1))

    fill(1, 1)
    browser.get(f"/invoices/{invoice.pk}/")
    with django_assert_max_num_queries(10) as few:
        browser.get(f"/invoices/{invoice.pk}/")
    fill(2, 15)
    with django_assert_max_num_queries(10) as many:
        browser.get(f"/invoices/{invoice.pk}/")
    assert len(many) == len(few)
