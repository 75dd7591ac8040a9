"""The pages as a person uses them, without scripts: forms sent as a browser would send them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from contacts.models import Contact, Invoice, Origin, Payment
from contacts.services.invoicing import Line, create_draft, mark_sent, update_invoice
from contacts.services.payments import record_payment
from tests.crm.pages import form, words
from tests.factories import ContactFactory, InvoiceFactory, ProductFactory, UserFactory
from tests.signing_in import sign_in

DAY = datetime.date(2026, 11, 23)

ACTS = ["edit", "send", "pay", "void", "delete", "email", "payments/new"]


def opened(browser, url, field="memo"):
    return form(browser.get(url), field)


def sent_form(browser, url, data, **more):
    return browser.post(url, data | more)


def draft_page(browser, somebody, **fields):
    data = opened(browser, "/invoices/new/")
    return (
        data
        | {
            "contact": somebody.email,
            "lines-0-description": "Delivery",
            "lines-0-quantity": "2",
            "lines-0-unit_price": "12.50",
        }
        | fields
    )


@pytest.fixture
def oak(db):
    return ProductFactory(
        name="Oak table",
        full_name="Furniture:Oak table",
        sku="OAK-1",
        unit_price=Decimal("480"),
        description="Solid oak",
    )


def test_a_draft_is_written_without_scripts(browser, business, contact, oak):
    data = draft_page(
        browser,
        contact,
        **{
            "lines-1-item": "oak-1",
            "discount_value": "10",
            "discount_kind": "percent",
            "issue_date": "2026-11-23",
            "due_date": "",
            "terms": "Net 15",
            "memo": "Thank you",
        },
    )
    answer = browser.post("/invoices/new/", data)
    invoice = Invoice.objects.get()
    assert answer["Location"] == f"/invoices/{invoice.pk}/"
    assert (invoice.number, invoice.sent_at, invoice.contact) == ("", None, contact)
    assert (invoice.subtotal, invoice.discount, invoice.total) == (
        Decimal("505.00"),
        Decimal("50.50"),
        Decimal("454.50"),
    )
    assert invoice.due_date == datetime.date(2026, 12, 8)
    free, sold = invoice.lines.all()
    assert (free.product, free.description, free.amount) == (None, "Delivery", Decimal(25))
    assert (sold.product, sold.description, sold.quantity, sold.unit_price) == (
        oak,
        "Solid oak",
        1,
        480,
    )


def test_r16_one_page_sent_twice_is_one_draft_and_one_payment(browser, business, contact):
    data = draft_page(browser, contact)
    for _ in range(2):
        answer = browser.post("/invoices/new/", data)
    invoice = Invoice.objects.get()
    assert answer["Location"] == f"/invoices/{invoice.pk}/"
    mark_sent(invoice)
    url = f"/invoices/{invoice.pk}/payments/new/"
    data = opened(browser, url, "amount") | {"amount": "10"}
    for _ in range(2):
        browser.post(url, data)
    invoice.refresh_from_db()
    assert (Payment.objects.count(), invoice.balance) == (1, Decimal(15))


def test_more_lines_are_added_moved_and_removed_without_saving(browser, business, contact):
    data = draft_page(browser, contact, **{"lines-1-description": "Second"})
    page = browser.post("/invoices/new/", data | {"edit": "add"})
    again = form(page, "memo")
    assert int(again["lines-count"]) == int(data["lines-count"]) + 5
    assert (again["contact"], again["lines-1-description"]) == (contact.email, "Second")
    again = form(browser.post("/invoices/new/", again | {"edit": "up-1"}), "memo")
    assert (again["lines-0-description"], again["lines-1-description"]) == ("Second", "Delivery")
    again = form(browser.post("/invoices/new/", again | {"edit": "remove-0"}), "memo")
    assert again["lines-0-description"] == "Delivery"
    assert again["lines-0-unit_price"] == "12.50"
    assert not Invoice.objects.exists()
    assert "alert" not in page.content.decode()


@pytest.mark.parametrize("edit", ["up-0", "down-99", "remove-99999", "sum", "nonsense", "up--1"])
def test_a_button_that_makes_no_sense_changes_nothing(browser, business, contact, edit):
    data = draft_page(browser, contact)
    page = browser.post("/invoices/new/", data | {"edit": edit})
    assert form(page, "memo")["lines-0-description"] == "Delivery"


def test_a_new_contact_is_made_with_its_invoice(browser, business):
    data = opened(browser, "/invoices/new/")
    data |= {
        "new-first_name": "Nia",
        "new-email": "nia@customer.example",
        "lines-0-description": "Work",
        "lines-0-unit_price": "80",
    }
    browser.post("/invoices/new/", data)
    assert Invoice.objects.get().contact == Contact.objects.get(email="nia@customer.example")


def test_r5_a_new_contact_with_a_known_address_is_refused_and_nothing_is_saved(
    browser, business, contact
):
    data = opened(browser, "/invoices/new/") | {
        "new-first_name": "Nia",
        "new-email": contact.email.upper(),
        "lines-0-unit_price": "80",
    }
    page = browser.post("/invoices/new/", data)
    assert "belongs to Dana Reeves already" in words(page)
    assert (Invoice.objects.count(), Contact.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"contact": ""}, "Choose a contact, or add a new one below."),
        ({"contact": "Nobody"}, "No contact goes by “Nobody”."),
        ({"contact": "Dana Reeves"}, "Several contacts go by “Dana Reeves”."),
        ({"lines-0-item": "Oka"}, "No product goes by “Oka”."),
        ({"lines-0-unit_price": ""}, "Enter a price such as 120 or 19.95."),
        ({"lines-0-quantity": "two"}, "This is not a number."),
        ({"lines-0-quantity": "NaN"}, "This is not a number."),
        ({"lines-0-quantity": "-1"}, "Quantity cannot be below 0."),
        ({"lines-0-unit_price": "1,5"}, "This is not a number."),
        ({"lines-0-unit_price": "0.12345678"}, "Price can have at most 7 decimals."),
        ({"lines-0-unit_price": "-5"}, "The lines come to less than zero."),
        ({"discount_value": "26"}, "The discount (26.00) is more than the lines come to (25.00)."),
        ({"discount_value": "1.005"}, "An amount has at most two decimals."),
        ({"discount_value": "101", "discount_kind": "percent"}, "at most 100 percent"),
        ({"due_date": "2020-01-01"}, "The due date is before the invoice date."),
        ({"issue_date": "23/11/2026"}, "Enter a date such as 2026-11-23."),
        ({"currency": "US$"}, "three letters"),
        ({"memo": "x" * 1001}, "at most 1,000 characters"),
        ({"lines-0-description": "x" * 4001}, "at most 4,000 characters"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_is_saved(
    browser, business, contact, fields, sentence
):
    ContactFactory(first_name="Dana", last_name="Reeves")
    page = browser.post("/invoices/new/", draft_page(browser, contact, **fields))
    assert page.status_code == 200
    assert sentence in words(page)
    assert not Invoice.objects.exists()


def test_r11_bundles_and_inactive_products_do_not_go_on_new_lines(browser, business, contact):
    ProductFactory(name="Set", type="bundle")
    ProductFactory(name="Old", active=False)
    for item, sentence in (("Set", "is a bundle"), ("Old", "is not sold any more")):
        page = browser.post(
            "/invoices/new/", draft_page(browser, contact, **{"lines-0-item": item})
        )
        assert sentence in words(page)
    assert not Invoice.objects.exists()


def test_a_products_price_counts_only_in_its_own_currency(browser, business, contact, oak):
    data = draft_page(browser, contact, **{"lines-1-item": "Oak table", "currency": "EUR"})
    assert "Enter a price" in words(browser.post("/invoices/new/", data))
    browser.post("/invoices/new/", data | {"lines-1-unit_price": "450", "currency": "eur"})
    invoice = Invoice.objects.get()
    assert (invoice.currency, invoice.total) == ("EUR", Decimal(475))


def test_suggestions_follow_what_is_typed(browser, contact, oak):
    ContactFactory(first_name="Zed", last_name="", email="")
    found = browser.get("/invoices/choices/contacts/", {"contact": "ree"}).content.decode()
    assert 'value="Dana Reeves &lt;dana@customer.example&gt;"' in found
    assert "Zed" not in found
    found = browser.get("/invoices/choices/products/", {"lines-7-item": "oa"}).content.decode()
    assert 'value="Furniture:Oak table"' in found
    assert 'data-price="480.00"' in found


def test_r10_a_form_saves_only_what_the_person_changed(browser, sent):
    url = f"/invoices/{sent.pk}/edit/"
    data = opened(browser, url)
    # Meanwhile somebody else changed other fields and the lines.
    theirs = [Line(description="Theirs", quantity=Decimal(1), unit_price=Decimal(300))]
    update_invoice(sent, {"terms": "Net 7", "lines": theirs})
    browser.post(url, data | {"memo": "Mine"})
    sent.refresh_from_db()
    assert (sent.memo, sent.terms, sent.total) == ("Mine", "Net 7", Decimal(300))
    assert [line.description for line in sent.lines.all()] == ["Theirs"]


def test_r10_lines_changed_on_both_sides_are_replaced_as_one_and_it_is_said(browser, sent):
    url = f"/invoices/{sent.pk}/edit/"
    data = opened(browser, url)
    update_invoice(
        sent, {"lines": [Line(description="Theirs", quantity=Decimal(1), unit_price=Decimal(3))]}
    )
    page = browser.post(url, data | {"lines-1-unit_price": "60"}, follow=True)
    sent.refresh_from_db()
    assert [line.description for line in sent.lines.all()] == ["Oak table", "Delivery"]
    assert sent.total == Decimal(260)
    assert "they had been changed by someone else while you were editing" in words(page)


def test_buttons_of_the_lines_keep_the_version_the_page_was_opened_on(browser, sent):
    url = f"/invoices/{sent.pk}/edit/"
    data = opened(browser, url)
    update_invoice(sent, {"terms": "Net 7"})
    data = form(browser.post(url, data | {"memo": "Mine", "edit": "add"}), "memo")
    browser.post(url, data)
    sent.refresh_from_db()
    assert (sent.memo, sent.terms) == ("Mine", "Net 7")


def test_an_untouched_page_changes_nothing(browser, sent, announced):
    url = f"/invoices/{sent.pk}/edit/"
    page = browser.post(url, opened(browser, url), follow=True)
    assert "Nothing was changed." in words(page)
    assert announced == []


def test_what_nobody_touched_is_never_refused(browser, business, contact, oak):
    draft = create_draft(contact, [Line(oak, "Solid oak", Decimal(1), Decimal(480))])
    type(oak).objects.update(active=False)
    url = f"/invoices/{draft.pk}/edit/"
    browser.post(url, opened(browser, url) | {"memo": "Mine"})
    draft.refresh_from_db()
    assert draft.memo == "Mine"


def test_r17_the_form_says_that_no_tax_is_added_and_sending_warns(browser, business, contact, oak):
    assert "No tax is added" in words(browser.get("/invoices/new/"))
    type(oak).objects.update(taxable=True)
    draft = create_draft(contact, [Line(oak, "", Decimal(1), Decimal(480))])
    assert "Furniture:Oak table is taxable" in words(browser.get(f"/invoices/{draft.pk}/send/"))


def test_r6_a_contact_without_address_is_warned_about(browser, business):
    noah = ContactFactory(first_name="Noah", last_name="", email="")
    draft = create_draft(noah, [Line(None, "x", Decimal(1), Decimal(5))])
    page = words(browser.get(f"/invoices/{draft.pk}/send/"))
    assert "has no email address" in page
    assert "will not be sent to QuickBooks" in page
    browser.post(f"/invoices/{draft.pk}/send/")
    draft.refresh_from_db()
    assert draft.number == "NW-501"


def test_only_what_applies_is_offered(browser, draft):
    page = words(browser.get(f"/invoices/{draft.pk}/"))
    assert "Mark as sent" in page
    assert "Delete draft" in page
    assert "Record payment" not in page
    mark_sent(draft)
    page = words(browser.get(f"/invoices/{draft.pk}/"))
    assert "Record payment" in page
    assert "Void…" in page
    assert "Delete draft" not in page
    theirs = InvoiceFactory(origin=Origin.QUICKBOOKS, sent=True, contact=draft.contact)
    page = words(browser.get(f"/invoices/{theirs.pk}/"))
    assert "Record payment" in page
    assert "Void…" not in page
    assert "Edit" not in page


def test_asking_changes_nothing(browser, sent, draft, announced):
    for act in ACTS:
        browser.get(f"/invoices/{sent.pk}/{act}/")
        browser.get(f"/invoices/{draft.pk}/{act}/")
    sent.refresh_from_db()
    assert (sent.voided_at, sent.balance, announced) == (None, Decimal(250), [])
    assert Invoice.objects.filter(pk=draft.pk).exists()


def test_strangers_are_sent_to_sign_in(client, sent):
    for act in [*ACTS, "pdf", "copy"]:
        for answer in (client.get, client.post):
            assert "/accounts/login/" in answer(f"/invoices/{sent.pk}/{act}/")["Location"]
    assert "/accounts/login/" in client.get("/invoices/choices/contacts/")["Location"]
    assert not Payment.objects.exists()


def test_staff_and_admins_alike_do_all_of_it(client, business, contact):
    for person in (UserFactory(), UserFactory(admin=True)):
        sign_in(client, person)
        draft = create_draft(contact, [Line(None, "x", Decimal(1), Decimal(5))])
        for act in ("send", "pay"):
            data = opened(client, f"/invoices/{draft.pk}/pay/", "date") if act == "pay" else {}
            client.post(f"/invoices/{draft.pk}/{act}/", data | {"email": "no"})
        draft.refresh_from_db()
        assert draft.balance == 0


def test_voiding_asks_for_its_payments_first(browser, sent):
    record_payment(sent.contact, Decimal(40), DAY, allocations={sent: Decimal(40)})
    url = f"/invoices/{sent.pk}/void/"
    page = browser.post(url, {"reason": "Twice"})
    sent.refresh_from_db()
    assert "1 payment still applies to this invoice" in words(page)
    assert sent.voided_at is None
    browser.post(url, {"reason": "Twice", "with_payments": "on"})
    sent.refresh_from_db()
    assert (sent.void_note, sent.balance) == ("Twice", Decimal(0))


def test_a_draft_is_deleted_and_a_second_click_is_no_error(browser, draft):
    url = f"/invoices/{draft.pk}/delete/"
    assert browser.post(url)["Location"] == "/invoices/"
    assert browser.post(url)["Location"] == "/invoices/"
    assert not Invoice.objects.exists()


def test_more_than_owed_asks_before_it_is_recorded(browser, sent):
    url = f"/invoices/{sent.pk}/payments/new/"
    data = opened(browser, url, "amount")
    assert data["amount"] == "250.00"
    page = browser.post(url, data | {"amount": "300"})
    assert "owes 250.00 USD, less than the 300.00" in words(page)
    assert not Payment.objects.exists()
    browser.post(url, form(page, "amount") | {"more_than_owed": "on"})
    payment = Payment.objects.get()
    assert (payment.amount, payment.unapplied) == (Decimal(300), Decimal(50))


def test_r18_a_payment_without_parts_pays_the_oldest_debts_first(browser, sent):
    late = InvoiceFactory(contact=sent.contact, origin=Origin.QUICKBOOKS, sent=True, issue_date=DAY)
    type(late).objects.filter(pk=late.pk).update(due_date=datetime.date(2020, 1, 1))
    url = f"/contacts/{sent.contact_id}/payments/new/"
    browser.post(url, opened(browser, url, "amount") | {"amount": "150"})
    late.refresh_from_db()
    sent.refresh_from_db()
    assert (late.balance, sent.balance) == (Decimal(0), Decimal(200))


def test_r18_parts_are_taken_as_typed(browser, sent):
    other = InvoiceFactory(contact=sent.contact, sent=True)
    url = f"/contacts/{sent.contact_id}/payments/new/"
    data = opened(browser, url, "amount")
    browser.post(url, data | {"amount": "70", f"part_{sent.pk}": "30", f"part_{other.pk}": "40.00"})
    other.refresh_from_db()
    sent.refresh_from_db()
    assert (sent.balance, other.balance) == (Decimal(220), Decimal(60))


def test_each_currency_is_paid_by_itself(browser, sent):
    InvoiceFactory(contact=sent.contact, sent=True, currency="EUR", number="E-1")
    url = f"/contacts/{sent.contact_id}/payments/new/"
    page = words(browser.get(url))
    assert "record a payment in EUR" in page
    assert "E-1" not in page
    url += "?currency=EUR"
    browser.post(url, opened(browser, url, "amount") | {"amount": "50"})
    assert Payment.objects.get().currency == "EUR"


def test_a_payment_is_edited_and_voided_from_its_page(browser, sent):
    payment = record_payment(sent.contact, Decimal(40), DAY, allocations={sent: Decimal(40)})
    url = f"/payments/{payment.pk}/edit/"
    data = opened(browser, url, "amount")
    assert data[f"part_{sent.pk}"] == "40.00"
    browser.post(url, data | {"amount": "60", f"part_{sent.pk}": "60", "reference": "9"})
    payment.refresh_from_db()
    sent.refresh_from_db()
    assert (payment.amount, payment.reference, sent.balance) == (
        Decimal(60),
        "9",
        Decimal(190),
    )
    browser.post(f"/payments/{payment.pk}/void/", {"reason": "Bounced"})
    sent.refresh_from_db()
    assert sent.balance == Decimal(250)
    page = words(browser.get(f"/payments/{payment.pk}/"))
    assert "Void since" in page
    assert "Bounced" in page


def test_r13_quickbooks_own_invoice_cannot_be_edited_by_address(browser, business):
    theirs = InvoiceFactory(origin=Origin.QUICKBOOKS, sent=True)
    assert browser.get(f"/invoices/{theirs.pk}/edit/")["Location"] == f"/invoices/{theirs.pk}/"
    browser.post(f"/invoices/{theirs.pk}/edit/", {"memo": "Mine"})
    theirs.refresh_from_db()
    assert theirs.memo == ""


def test_a_copy_opens_for_editing(browser, sent):
    answer = browser.post(f"/invoices/{sent.pk}/copy/")
    copy = Invoice.objects.exclude(pk=sent.pk).get()
    assert answer["Location"] == f"/invoices/{copy.pk}/edit/"
    assert browser.get(f"/invoices/{sent.pk}/copy/").status_code == 405
