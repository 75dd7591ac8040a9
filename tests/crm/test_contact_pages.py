from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import Allocation, Contact, FieldChange, Origin, RecordKind
from contacts.record_states import RecordState
from contacts.services import history
from contacts.services.contacts import create_contact
from tests.crm.pages import words
from tests.factories import (
    BusinessFactory,
    ContactFactory,
    InvoiceFactory,
    PaymentFactory,
    ProductFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _business(db):
    BusinessFactory(currency="USD")


def test_r22_page_shows_state_company_link_and_panel(browser, states):
    contact = ContactFactory()
    states["contact", contact.pk] = RecordState(
        "Held",
        "held",
        reason="QuickBooks has a vendor of that name.",
        external_id="58",
        external_url="https://books.example/customer?id=58&x=1",
        company="Rossi & Co",
    )

    page = browser.get(f"/contacts/{contact.pk}/")

    assert "Held QuickBooks has a vendor of that name." in words(page)
    assert "Open in QuickBooks (Rossi & Co)" in words(page)
    assert 'href="https://books.example/customer?id=58&amp;x=1"' in page.content.decode()
    assert f"Panel of contact {contact.pk}" in words(page)


def test_sums_are_per_currency_never_across(browser):
    contact = ContactFactory()
    past = datetime.date(2020, 1, 1)
    for total, balance, currency, due in [
        ("100", "100", "USD", past),
        ("50.50", "0.25", "USD", None),
        ("7", "7", "EUR", None),
    ]:
        InvoiceFactory(
            contact=contact,
            sent=True,
            total=Decimal(total),
            balance=Decimal(balance),
            currency=currency,
            due_date=due,
        )
    InvoiceFactory(contact=contact, total=Decimal(1000))
    InvoiceFactory(contact=contact, void=True, total=Decimal(1000))

    page = words(browser.get(f"/contacts/{contact.pk}/"))

    assert "Open in USD 100.25 USD 100.00 USD overdue · 150.50 USD invoiced on 2 invoices" in page
    assert "Open in EUR 7.00 EUR 7.00 EUR invoiced on 1 invoice " in page
    assert page.index("Open in USD") < page.index("Open in EUR")
    assert "1,107" not in page


def test_r18_payments_show_where_their_parts_went(browser):
    contact = ContactFactory()
    invoice = InvoiceFactory(contact=contact, number="INV-7")
    payment = PaymentFactory(
        contact=contact, amount=Decimal(100), elsewhere=Decimal(30), unapplied=Decimal(10)
    )
    Allocation.objects.create(payment=payment, invoice=invoice, amount=Decimal(60))

    page = words(browser.get(f"/contacts/{contact.pk}/"))

    assert "60.00 USD to INV-7 30.00 USD elsewhere in QuickBooks 10.00 USD not applied yet" in page


def test_r22_archive_and_back_by_two_buttons(browser, staff):
    contact = ContactFactory()

    response = browser.post(f"/contacts/{contact.pk}/archive/", follow=True)
    contact.refresh_from_db()
    assert contact.archived_at
    assert "was archived. Nothing changed in QuickBooks." in words(response)
    assert "It is left out of lists and choices" in words(response)

    browser.post(f"/contacts/{contact.pk}/archive/", {"archived": "no"})
    contact.refresh_from_db()
    assert contact.archived_at is None
    assert set(FieldChange.objects.values_list("by", flat=True)) == {staff.pk}


@pytest.mark.parametrize("what", ["archive", "restore", "product archive"])
def test_what_changes_something_is_never_a_get(browser, what):
    contact = create_contact({"phone": "1"})
    path = {
        "archive": f"/contacts/{contact.pk}/archive/",
        "restore": f"/history/{FieldChange.objects.get().pk}/restore/",
        "product archive": f"/products/{ProductFactory().pk}/archive/",
    }[what]

    assert browser.get(path).status_code == 405


def conflict(contact, field, crm, quickbooks):
    """As a pull leaves it when both sides changed the field: QuickBooks won (R10)."""
    Contact.objects.filter(pk=contact.pk).update(**{field: quickbooks})
    (entry,) = history.record_changes(
        RecordKind.CONTACT, contact.pk, {field: (crm, quickbooks)}, Origin.QUICKBOOKS, run=12
    )
    return entry


def test_r10_one_click_brings_the_crms_value_back(browser, staff):
    contact = ContactFactory(phone="ours")
    entry = conflict(contact, "phone", "ours", "theirs")
    page = browser.get(f"/contacts/{contact.pk}/")
    assert "Phone ours theirs just now QuickBooks, run 12 Bring back" in words(page)
    assert f'action="/history/{entry.pk}/restore/"' in page.content.decode()

    response = browser.post(f"/history/{entry.pk}/restore/", follow=True)

    contact.refresh_from_db()
    assert contact.phone == "ours"
    assert "Phone is “ours” again." in words(response)
    assert str(staff) in words(response)
    # The entry's former value is the present one now; the button moves to the newer entry.
    assert f'action="/history/{entry.pk}/restore/"' not in response.content.decode()
    assert "has that value already" in words(
        browser.post(f"/history/{entry.pk}/restore/", follow=True)
    )


def test_r5_an_address_taken_meanwhile_is_said_with_a_link(browser):
    contact = ContactFactory(email="new@example.com")
    entry = conflict(contact, "email", "old@example.com", "new@example.com")
    holder = ContactFactory(first_name="Jane", last_name="", email="old@example.com")

    response = browser.post(f"/history/{entry.pk}/restore/", follow=True)

    assert f'That address belongs to <a href="/contacts/{holder.pk}/">Jane</a> by now.' in (
        response.content.decode()
    )


def test_history_speaks_words_not_columns(browser):
    contact = ContactFactory()
    product = ProductFactory()
    history.record_changes(
        RecordKind.CONTACT,
        contact.pk,
        {"marketing_status": ("marketable", "non_marketable"), "archived": (False, True)},
        Origin.CRM,
    )
    history.record_changes(
        RecordKind.PRODUCT,
        product.pk,
        {"active": (True, False), "unit_price": (Decimal("5.50"), None), "sku": ("A", "B")},
        Origin.QUICKBOOKS,
    )

    contacts = words(browser.get(f"/contacts/{contact.pk}/"))
    assert "Marketing status Marketable Non-marketable" in contacts
    assert "Archived No Yes" in contacts
    products = words(browser.get(f"/products/{product.pk}/"))
    assert "Active Yes No" in products
    assert "Price 5.50 empty" in products
    assert "SKU A B" in products


def test_older_history_is_one_click_on(browser):
    contact = ContactFactory()
    for number in range(25):
        history.record_changes(
            RecordKind.CONTACT, contact.pk, {"phone": (number, number + 1)}, Origin.CRM
        )
    oldest_shown = history.changes_of(RecordKind.CONTACT, contact.pk)[19].pk

    first = browser.get(f"/contacts/{contact.pk}/")
    assert f'href="?before={oldest_shown}.{10**18 - 1}#history"' in first.content.decode()
    assert "Phone 0 1" not in words(first)
    second = browser.get(f"/contacts/{contact.pk}/?before={oldest_shown}.{10**18 - 1}")
    assert "Phone 0 1" in words(second)
    assert "Older entries" not in words(second)
    assert browser.get(f"/contacts/{contact.pk}/?before=nonsense").status_code == 200


def test_a_page_costs_the_same_however_much_belongs_to_the_contact(
    browser, django_assert_max_num_queries
):
    contact = ContactFactory()

    def fill(times):
        for _ in range(times):
            invoice = InvoiceFactory(contact=contact, sent=True)
            payment = PaymentFactory(contact=contact)
            Allocation.objects.create(payment=payment, invoice=invoice, amount=Decimal(1))
            history.record_changes(RecordKind.CONTACT, contact.pk, {"phone": (1, 2)}, Origin.CRM)

    fill(1)
    browser.get(f"/contacts/{contact.pk}/")
    with django_assert_max_num_queries(13) as few:
        browser.get(f"/contacts/{contact.pk}/")
    fill(30)
    with django_assert_max_num_queries(13) as many:
        browser.get(f"/contacts/{contact.pk}/")
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "path", ["/contacts/999/", "/contacts/999/edit/", "/contacts/999/merge/", "/invoices/999/",
             "/products/999/", "/products/999/edit/"]
)  # fmt: skip
def test_a_record_that_is_not_there_is_a_404(browser, path):
    assert browser.get(path).status_code == 404


def test_merge_is_offered_shown_and_done(browser, staff):
    jane = create_contact({"first_name": "Jane", "last_name": "Doe", "email": "j@example.com"})
    joan = create_contact({"first_name": "Joan", "last_name": "Doe", "phone": "7"})
    InvoiceFactory(contact=joan)
    PaymentFactory(contact=joan)

    offered = browser.get(f"/contacts/{jane.pk}/merge/")
    assert f'href="?other={joan.pk}"' in offered.content.decode()

    shown = words(browser.get(f"/contacts/{jane.pk}/merge/?other={joan.pk}"))
    assert "Jane Doe stays and gets 1 invoice and 1 payment of Joan Doe." in shown
    assert "First name Jane Joan Jane" in shown
    assert "Phone – 7 7" in shown
    assert Contact.objects.count() == 2

    done = browser.post(f"/contacts/{jane.pk}/merge/", {"other": joan.pk}, follow=True)
    assert done.redirect_chain == [(f"/contacts/{jane.pk}/", 302)]
    assert "Joan Doe is now part of Jane Doe." in words(done)
    assert Contact.objects.get().invoices.count() == 1
    assert FieldChange.objects.get(field="merged").by == staff


def test_merge_search_finds_by_words_and_never_the_contact_itself(browser):
    jane = create_contact({"first_name": "Jane", "company": "ACME"})
    joan = create_contact({"first_name": "Joan", "company": "ACME"})

    page = browser.get(f"/contacts/{jane.pk}/merge/?q=acme").content.decode()

    assert f"?other={joan.pk}" in page
    assert f"?other={jane.pk}" not in page


@pytest.mark.parametrize("other", ["itself", "nobody", "nonsense", ""])
def test_merging_with_what_is_not_another_contact_does_nothing(browser, other):
    contact = create_contact({"first_name": "Jane"})
    sent = {"itself": contact.pk, "nobody": 999_999, "nonsense": "x", "": ""}[other]

    response = browser.post(f"/contacts/{contact.pk}/merge/", {"other": sent})

    assert "That contact does not exist any more." in words(response)
    assert Contact.objects.count() == 1
