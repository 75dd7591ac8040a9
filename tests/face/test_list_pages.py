"""List pages over HTTP: few queries, whole page or results alone, addresses without clutter."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.sessions.models import Session

from tests.factories import ContactFactory, InvoiceFactory, ProductFactory

pytestmark = pytest.mark.django_db

LISTS = [
    ("/contacts/", ContactFactory),
    ("/products/", ProductFactory),
    ("/invoices/", InvoiceFactory),
]
HTMX = {"HX-Request": "true", "HX-Target": "results"}


@pytest.mark.parametrize(("address", "factory"), LISTS)
@pytest.mark.parametrize("query", ["", "?q=oak", "?sort=-newest"])
def test_a_list_costs_a_constant_number_of_queries(
    as_staff, address, factory, query, django_assert_max_num_queries
):
    factory.create_batch(3)
    with django_assert_max_num_queries(6) as few:
        assert as_staff.get(address + query).status_code == 200
    factory.create_batch(60)
    with django_assert_max_num_queries(6) as many:
        assert as_staff.get(address + query).status_code == 200
    assert len(many) <= len(few)
    assert Session.objects.count() == 1


@pytest.mark.parametrize(("address", "factory"), LISTS)
def test_every_row_is_a_link_and_the_count_is_announced(as_staff, address, factory):
    records = factory.create_batch(3)
    page = as_staff.get(address).content.decode()
    for record in records:
        assert f'href="{address}{record.pk}/"' in page
    assert '<span role="status">3 ' in page
    assert page.count("aria-sort=") == 1


def test_htmx_gets_the_results_alone_and_an_address_without_empty_parameters(as_staff):
    ContactFactory(last_name="Quill")
    response = as_staff.get("/contacts/?q=quill&archived=&sort=-name&after=", headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert "Quill" in page
    assert response["HX-Push-Url"] == "/contacts/?q=quill&sort=-name"
    assert "HX-Request" in response["Vary"]


def test_links_to_other_pages_keep_filters_and_order(as_staff):
    ContactFactory.create_batch(60, first_name="Quill")
    page = as_staff.get("/contacts/?q=quill&sort=-name").content.decode()
    assert 'rel="next" href="?q=quill&amp;sort=-name&amp;after=' in page
    assert 'rel="prev"' not in page


def test_nothing_found_and_nothing_there_are_told_apart(as_staff):
    empty = as_staff.get("/contacts/").content.decode()
    ContactFactory()
    nothing = as_staff.get("/contacts/?q=zzzz").content.decode()
    assert "Nothing matches" in nothing
    assert "Nothing matches" not in empty


@pytest.mark.parametrize("query", ["?q=%00", "?after=%00&before=%FF", "?sort=%27", "?archived=x"])
@pytest.mark.parametrize("address", ["/contacts/", "/products/", "/invoices/"])
def test_nonsense_in_the_address_is_answered_with_a_list(as_staff, address, query):
    ContactFactory()
    assert as_staff.get(address + query).status_code == 200


def test_an_export_holds_what_the_filter_shows_and_no_formula(as_staff):
    ContactFactory(first_name="=HYPERLINK(1)", last_name="Quill")
    ContactFactory(last_name="Other")
    response = as_staff.get("/contacts/?q=quill&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert [row["first_name"] for row in rows] == ["'=HYPERLINK(1)"]
