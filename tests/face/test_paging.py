"""Paging by position: every row once, whatever the order, the page size and the equal values."""

from __future__ import annotations

import datetime

import pytest
from django.db.models.functions import Lower
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.listing.columns import Column
from contacts.listing.page import COUNTED, BoundedCount, read_page
from contacts.models import Contact, Invoice
from tests.factories import ContactFactory, InvoiceFactory

pytestmark = pytest.mark.django_db

COLUMNS = (
    Column("number", "Number", sort="number"),
    Column("due", "Due", sort="due_date", nullable=True),
    Column("total", "Total", sort="total", numeric=True),
    Column("added", "Added", sort="created_at"),
    Column("contact", "Contact"),
)
ORDERS = [sign + name for name in ("number", "due", "total", "added") for sign in ("", "-")]


def read(query, queryset, sort, size=50, columns=COLUMNS):
    return read_page(query, queryset, queryset, columns, sort, size)


def walk(queryset, sort, size, columns=COLUMNS, direction="next"):
    """Ids of all pages in order, following the links; `direction` previous starts at the end."""
    pages = []
    page = read(QueryDict(f"sort={sort}"), queryset, "-number", size, columns)
    while True:
        pages.append([row.pk for row in page.rows])
        if not page.next_url:
            break
        page = read(QueryDict(page.next_url[1:]), queryset, "-number", size, columns)
    if direction == "next":
        return pages
    back = [pages[-1]]
    while page.previous_url:
        page = read(QueryDict(page.previous_url[1:]), queryset, "-number", size, columns)
        back.insert(0, [row.pk for row in page.rows])
    return back


@pytest.mark.parametrize("sort", ORDERS)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    values=st.lists(
        st.tuples(
            st.sampled_from(["", "7", "10"]), st.sampled_from([None, 1, 2]), st.integers(0, 2)
        ),
        min_size=1,
        max_size=14,
    ),
    size=st.integers(1, 6),
)
def test_pages_hold_every_row_once_while_values_are_equal(sort, values, size):
    Invoice.objects.all().delete()
    contact = Contact.objects.first() or ContactFactory()
    for number, due, total in values:
        InvoiceFactory(
            contact=contact,
            origin="quickbooks",
            number=number,
            due_date=due and datetime.date(2026, 1, due),
            subtotal=total,
        )
    name = {"due": "due_date", "added": "created_at"}.get(sort.strip("-"), sort.strip("-"))
    sign = "-" if sort.startswith("-") else ""
    expected = list(
        Invoice.objects.order_by(f"{sign}{name}", f"{sign}pk").values_list("pk", flat=True)
    )

    forwards = walk(Invoice.objects.all(), sort, size)

    assert [pk for page in forwards for pk in page] == expected
    assert all(len(page) == size for page in forwards[:-1])
    # Backwards leads through the same rows; the first page is always a whole one.
    backwards = walk(Invoice.objects.all(), sort, size, direction="previous")
    assert set().union(*backwards) == set(expected)
    assert backwards[0] == forwards[0]


def test_order_by_an_expression_compares_as_the_database_does():
    columns = (Column("name", "Name", sort=Lower("name")),)
    for name in ("ähre", "Zebra", "zebra", "Äpfel", "apple", "Apple"):
        ContactFactory(first_name="", last_name=name)
    pages = walk(Contact.objects.all(), "name", 2, columns=columns)
    assert [pk for page in pages for pk in page] == list(
        Contact.objects.order_by(Lower("name"), "pk").values_list("pk", flat=True)
    )


@pytest.mark.parametrize("position", ["after", "before"])
@pytest.mark.parametrize(
    "word", ["garbage", "WyJ4Il0:abc", "%00", "[]", "x" * 5000, "WyIxIiwxXQ:1r0Xn3"]
)
def test_a_position_nobody_gave_out_is_the_first_page(position, word):
    invoices = InvoiceFactory.create_batch(3)
    query = QueryDict(mutable=True)
    query[position] = word
    page = read(query, Invoice.objects.all(), "number", 2)
    assert [row.pk for row in page.rows] == [invoices[0].pk, invoices[1].pk]
    assert page.previous_url == ""


def test_a_position_of_another_order_is_the_first_page():
    InvoiceFactory.create_batch(3)
    page = read(QueryDict(), Invoice.objects.all(), "number", 1)
    query = QueryDict(page.next_url[1:] + "&sort=-total", mutable=True)
    other = read(query, Invoice.objects.all(), "number", 1)
    assert other.previous_url == ""


def test_a_place_whose_rows_are_gone_starts_over():
    InvoiceFactory.create_batch(4)
    page = read(QueryDict(), Invoice.objects.all(), "number", 3)
    Invoice.objects.exclude(pk__in=[row.pk for row in page.rows]).delete()
    after = read(QueryDict(page.next_url[1:]), Invoice.objects.all(), "number", 3)
    assert len(after.rows) == 3
    assert after.next_url == after.previous_url == ""


@pytest.mark.parametrize("sort", ["", "nonsense", "-", "--number", "contact", "id;drop table"])
def test_an_unknown_order_is_the_usual_one(sort):
    InvoiceFactory.create_batch(2)
    query = QueryDict(mutable=True)
    query["sort"] = sort
    page = read(query, Invoice.objects.all(), "-total")
    assert [heading.column.name for heading in page.headings if heading.direction] == ["total"]


def test_total_is_exact_and_costs_no_query_of_its_own(django_assert_num_queries):
    InvoiceFactory.create_batch(5)
    with django_assert_num_queries(1):
        page = read(QueryDict(), Invoice.objects.all(), "-total", 2)
    assert page.total == 5


def test_total_stops_counting_where_the_page_says_more_than():
    InvoiceFactory.create_batch(5)
    bounded = BoundedCount(Invoice.objects.order_by().values("pk")[:4])
    assert Invoice.objects.annotate(total_rows=bounded).first().total_rows == 4
    page = read(QueryDict(), Invoice.objects.all(), "-total")
    page.total, page.noun = COUNTED + 1, ("invoice", "invoices")
    assert page.count_text == "More than 10,000 invoices"
