"""Forms name the books that QuickBooks has closed, before anything is dated into them (R15)."""

from __future__ import annotations

import pytest

from tests.factories import InvoiceFactory
from tests.pages.conftest import connected

FORMS = (
    "/invoices/new/",
    "/invoices/{}/edit/",
    "/invoices/{}/pay/",
    "/invoices/{}/payments/new/",
)


@pytest.fixture
def dates_on(as_admin, db):
    """Each form's page for a sent invoice."""
    invoice = InvoiceFactory(sent=True)

    def pages():
        return [as_admin.get(form.format(invoice.pk)).content.decode() for form in FORMS]

    return pages


def test_r15_each_form_with_a_date_says_until_when_the_books_are_closed(dates_on):
    connected(company={"book_close_date": "2026-06-30"})
    told = "The books in QuickBooks are closed up to 30 Jun 2026: with a date until then it stays"
    assert [page.count(told) for page in dates_on()] == [1] * len(FORMS)


@pytest.mark.parametrize("company", [{}, {"book_close_date": None}])
def test_nothing_is_said_of_open_books(dates_on, company):
    connected(company=company)
    assert ["closed up to" in page for page in dates_on()] == [False] * len(FORMS)
