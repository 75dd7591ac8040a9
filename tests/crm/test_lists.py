from __future__ import annotations

import datetime
import sys
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Invoice
from contacts.record_states import RecordState
from contacts.services.contacts import archive_contact
from tests.crm.pages import rows, words
from tests.factories import (
    BusinessFactory,
    ContactFactory,
    InvoiceFactory,
    ProductFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _business(db):
    BusinessFactory(time_zone="Pacific/Auckland")


def first_cells(response):
    return [row[0] for row in rows(response)]


@pytest.mark.parametrize("path", ["/contacts/", "/products/", "/invoices/"])
def test_an_empty_list_says_what_will_appear_and_how(browser, path):
    page = words(browser.get(path))

    assert f"No {path.strip('/')} yet" in page
    assert "QuickBooks" in page
    assert "Nothing matches" not in page


@pytest.mark.parametrize(
    "path",
    ["/contacts/?q=zzz", "/products/?q=zzz", "/invoices/?q=zzz", "/contacts/?archived=only"],
)
def test_no_match_is_told_apart_from_an_empty_list(browser, path):
    ContactFactory()
    ProductFactory()
    InvoiceFactory()

    page = words(browser.get(path))

    assert "Nothing matches" in page
    assert "yet" not in page


@pytest.mark.parametrize(
    "path",
    ["/contacts/", "/products/", "/invoices/", "/contacts/new/", "/contacts/1/", "/invoices/1/"],
)
def test_strangers_are_sent_to_sign_in(client, db, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_contacts_by_name_email_company_and_newest(browser):
    now = timezone.now()
    for first, company, email, age in [
        ("bob", "Zeta", "a@example.com", 1),
        ("Ann", "alpha", "C@example.com", 3),
        ("Cleo", "Mid", "b@example.com", 2),
    ]:
        contact = ContactFactory(first_name=first, last_name="", company=company, email=email)
        Contact.objects.filter(pk=contact.pk).update(created_at=now - datetime.timedelta(days=age))

    def names(sort):
        return first_cells(browser.get("/contacts/", {"sort": sort}))

    assert names("name") == ["Ann", "bob", "Cleo"]
    assert names("-name") == ["Cleo", "bob", "Ann"]
    assert names("email") == ["bob", "Cleo", "Ann"]
    assert names("company") == ["Ann", "Cleo", "bob"]
    assert names("-newest") == ["bob", "Cleo", "Ann"]


def test_contacts_are_found_by_the_beginnings_of_words(browser):
    jane = ContactFactory(
        first_name="Jane",
        last_name="O'Brien-Smith",
        company="ACME Ltd",
        email="jane.doe@example.com",
        phone="+1 512 555 0199",
        city="Austin",
    )
    ContactFactory(first_name="Other", last_name="Person", email="x@elsewhere.com")

    for text in [
        "jane", "JAN", "brien", "smith", "acme", "jane.doe@example.com", "doe", "0199", "aust",
        "jane austin",
    ]:  # fmt: skip
        assert first_cells(browser.get("/contacts/", {"q": text})) == [str(jane)], text
    for text in ["ane", "jane person", "'; drop table", "!!!", "|", "&", "zz:*", "<->"]:
        assert rows(browser.get("/contacts/", {"q": text})) == [], text


def test_contacts_narrowed_by_status_origin_and_what_they_owe(browser):
    ContactFactory(first_name="Owes", last_name="", consent="marketable")
    InvoiceFactory(contact=Contact.objects.get(first_name="Owes"), sent=True)
    ContactFactory(first_name="Paid", last_name="", origin="quickbooks")
    InvoiceFactory(contact=Contact.objects.get(first_name="Paid"), paid=True)
    ContactFactory(first_name="Draft", last_name="")
    InvoiceFactory(contact=Contact.objects.get(first_name="Draft"))
    ContactFactory(first_name="Void", last_name="")
    InvoiceFactory(contact=Contact.objects.get(first_name="Void"), void=True)

    def names(**query):
        return first_cells(browser.get("/contacts/", query))

    assert names(owes="yes") == ["Owes"]
    assert names(owes="no") == ["Draft", "Paid", "Void"]
    assert names(origin="quickbooks") == ["Paid"]
    assert names(marketing_status="marketable") == ["Owes"]
    assert names(marketing_status="marketable", owes="no") == []


def test_r22_archived_contacts_are_out_of_sight_until_asked_for(browser):
    archive_contact(ContactFactory(first_name="Old", last_name=""))
    ContactFactory(first_name="New", last_name="")

    def names(**query):
        return first_cells(browser.get("/contacts/", query))

    assert names() == ["New"]
    assert names(archived="only") == ["Old"]
    assert names(archived="all") == ["New", "Old"]
    assert names(q="old") == []
    assert names(q="old", archived="all") == ["Old"]


def test_products_by_price_keep_those_without_one_last(browser):
    for name, price in [("A", "5"), ("B", None), ("C", "0.0000001"), ("D", "100")]:
        ProductFactory(name=name, unit_price=price and Decimal(price))

    assert first_cells(browser.get("/products/", {"sort": "price"})) == ["C", "A", "D", "B"]


def test_products_narrowed_by_type_and_activity(browser):
    ProductFactory(name="Kit", type="bundle")
    ProductFactory(name="Gone", active=False)

    def names(**query):
        return first_cells(browser.get("/products/", query))

    assert names(type="bundle") == ["Kit"]
    assert names(active="no") == ["Gone"]
    assert names(active="yes") == ["Kit"]
    assert names(q="gon") == ["Gone"]


@pytest.fixture
def invoices(db, monkeypatch):
    """One invoice of each status, on a day that is not the server's in Auckland."""
    from contacts.clock import today

    now = today()
    day = datetime.timedelta(days=1)

    def made(number, **fields):
        return InvoiceFactory(number=number, issue_date=now, **fields)

    return {
        "draft": made("DRAFT", due_date=now - day),
        "open": made("OPEN", sent=True, due_date=now),
        "partial": made("PARTIAL", sent=True, balance=Decimal("40"), due_date=None),
        "overdue": made("OVERDUE", sent=True, balance=Decimal("40"), due_date=now - day),
        "paid": made("PAID", paid=True, due_date=now - day),
        "void": made("VOID", void=True, due_date=now - day),
    }


@pytest.mark.parametrize("status", ["draft", "open", "partial", "overdue", "paid", "void"])
def test_invoices_of_each_status_and_no_other(browser, invoices, status):
    (row,) = rows(browser.get("/invoices/", {"status": status}))

    assert row[0] == status.upper()
    assert invoices[status].status(invoices[status].issue_date).label in row


def test_invoices_are_found_by_number_and_by_their_contact(browser):
    jane = ContactFactory(first_name="Jane", last_name="Doe", email="jane@example.com")
    invoice = InvoiceFactory(contact=jane, number="INV-2026-0042")
    InvoiceFactory(number="INV-2026-0043")

    for text in ["INV-2026-0042", "0042", "jane", "doe", "jane@example.com"]:
        found = first_cells(browser.get("/invoices/", {"q": text}))
        assert found == [invoice.number], text


def test_invoices_narrowed_by_currency_dates_and_contact(browser):
    june = datetime.date(2026, 6, 15)
    july = datetime.date(2026, 7, 1)
    euro = InvoiceFactory(number="EURO", currency="EUR", issue_date=june)
    InvoiceFactory(number="DOLLAR", issue_date=july)

    def numbers(**query):
        return first_cells(browser.get("/invoices/", query))

    assert numbers(currency="eur") == ["EURO"]
    assert numbers(issued_from="2026-06-16") == ["DOLLAR"]
    assert numbers(issued_to="2026-06-15") == ["EURO"]
    assert numbers(issued_from="2026-06-15", issued_to="2026-07-01") == ["DOLLAR", "EURO"]
    assert numbers(contact=euro.contact_id) == ["EURO"]
    page = words(browser.get("/invoices/", {"contact": euro.contact_id}))
    assert f"Only invoices of {euro.contact}" in page
    nobodys = ContactFactory(first_name="No", last_name="Invoice")
    assert "Only invoices of No Invoice" in words(
        browser.get("/invoices/", {"contact": nobodys.pk})
    )


@pytest.mark.parametrize("column", ["number", "date", "due", "total", "balance", "newest"])
def test_invoices_sort_both_ways_by_each_column(browser, column):
    now = timezone.now()
    fields = {
        "number": "number",
        "date": "issue_date",
        "due": "due_date",
        "total": "total",
        "balance": "balance",
        "newest": "created_at",
    }
    for i in range(3):
        day = datetime.date(2026, 1, 1 + i)
        invoice = InvoiceFactory(
            number=f"N{i}", issue_date=day, due_date=day, total=Decimal(i), balance=Decimal(i)
        )
        Invoice.objects.filter(pk=invoice.pk).update(created_at=now + datetime.timedelta(days=i))
    expected = list(Invoice.objects.order_by(fields[column]).values_list("number", flat=True))

    assert first_cells(browser.get("/invoices/", {"sort": column})) == expected
    assert first_cells(browser.get("/invoices/", {"sort": f"-{column}"})) == expected[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "nonsense"},
        {"after": "nonsense"},
        {"contact": "nonsense"},
        {"contact": "9" * 30},
        {"contact": "9" * 30, "q": "x"},
        {"status": "nonsense"},
        {"issued_from": "2026-99-99"},
        {"q": "\x00"},
        {"q": "x" * 5000},
        {"format": "pdf"},
    ],
)
def test_nonsense_in_an_address_is_not_an_error(browser, query):
    InvoiceFactory()

    assert browser.get("/invoices/", query).status_code == 200


def test_r22_rows_show_their_state_and_both_numbers(browser, states):
    invoice = InvoiceFactory(number="INV-1")
    states["invoice", invoice.pk] = RecordState(
        "Held", "held", reason="No tax code.", external_number="1042"
    )

    (row,) = rows(browser.get("/invoices/"))

    assert row[0] == "INV-1 QuickBooks 1042"
    assert "Held" in row
    assert 'title="No tax code."' in browser.get("/invoices/").content.decode()


def test_a_name_is_shown_as_text_never_as_markup(browser):
    ContactFactory(first_name="<script>alert(1)</script>", last_name="")

    assert "<script>alert(1)" not in browser.get("/contacts/").content.decode()


def test_a_list_page_costs_the_same_few_queries_however_long(browser):
    short = queries_of_lists(browser, records=5)

    assert max(short.values()) <= 6, short
    assert queries_of_lists(browser, records=120) == short


def queries_of_lists(browser, records):
    """How many queries each page makes once there are so many more of every kind."""
    InvoiceFactory.create_batch(records)
    ProductFactory.create_batch(records)
    made = {}
    for path in ("/contacts/", "/products/", "/invoices/"):
        for query in ("", "?q=e", "?sort=-newest&q=e"):
            browser.get(path + query)
            with CaptureQueriesContext(connection) as queries:
                browser.get(path + query)
            made[path + query] = len(queries)
    return made


def test_what_a_search_has_found_is_not_counted_again(browser, monkeypatch):
    """With limits a test can reach: few are known exactly, many as "more than", filtered or not."""
    monkeypatch.setattr("contacts.searching.FEW", 3)
    # The package's `page` is the function of this module.
    monkeypatch.setattr(sys.modules["contacts.listing.page"], "COUNTED", 3)
    contact = ContactFactory(first_name="Jane")
    InvoiceFactory.create_batch(5, contact=contact, number="")
    InvoiceFactory(contact=contact, currency="EUR", number="")

    with CaptureQueriesContext(connection) as queries:
        assert "More than 3 invoices" in words(browser.get("/invoices/?q=jane"))
        assert "More than 3 invoices" in words(browser.get("/invoices/?q=jane&currency=USD"))
        assert "1 invoice " in words(browser.get("/invoices/?q=jane&currency=EUR"))
    assert not [each["sql"] for each in queries if "AS counted" in each["sql"]]
    assert len(rows(browser.get("/invoices/?q=jane"))) == 6
