"""What fits is shown whole; what does not never widens the page (R22 on phones)."""

from __future__ import annotations

import pytest

from contacts.record_states import RecordState
from tests.factories import ContactFactory, InvoiceFactory, ProductFactory
from tests.readable import too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CUT = "e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth"


def test_a_name_is_not_cut_while_its_neighbour_has_room(signed_in):
    ContactFactory(first_name="", last_name="", company="Juniper Property Group of Oregon")
    page = signed_in(viewport={"width": 1360, "height": 800})
    page.goto("/contacts/")
    assert page.locator("tbody .name").evaluate_all(f"all => all.map({CUT})") == [False]


def test_long_words_do_not_widen_a_page(signed_in):
    contact = ContactFactory(
        first_name="N" * 100, last_name="M" * 100, company="L" * 100, email=f"{'c' * 88}@b.example"
    )
    invoice = InvoiceFactory(contact=contact)
    ProductFactory(name="n" * 100)
    page = signed_in()
    for address in (
        "/",
        "/contacts/",
        "/products/",
        "/invoices/",
        f"/contacts/{contact.pk}/",
        f"/invoices/{invoice.pk}/",
        f"/contacts/{contact.pk}/edit/",
        f"/contacts/{contact.pk}/merge/",
        "/search?q=n",
    ):
        page.goto(address)
        for width in (1360, 820, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert too_wide(page) <= 0, (address, width)


def states(kind, ids):
    return {pk: RecordState("Waiting", "waiting") for pk in ids}


@pytest.mark.parametrize("kind", ["contacts", "products", "invoices"])
def test_r22_a_phone_shows_each_rows_state(signed_in, settings, kind):
    settings.CONTACTS_RECORD_STATES = "tests.face.test_room.states"
    InvoiceFactory()
    ProductFactory()
    page = signed_in(viewport={"width": 360, "height": 740})
    page.goto(f"/{kind}/")
    assert page.locator("tbody .badge-state", has_text="Waiting").first.is_visible()


def test_r11_a_phone_marks_the_inactive_and_only_them(signed_in):
    ProductFactory(name="Sold")
    ProductFactory(name="Gone", active=False)
    page = signed_in(viewport={"width": 360, "height": 740})
    page.goto("/products/")
    assert page.locator("tbody tr", has_text="Gone").get_by_text("Inactive").is_visible()
    assert not page.locator("tbody tr", has_text="Sold").get_by_text("Yes").is_visible()
