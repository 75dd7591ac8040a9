from __future__ import annotations

import pytest

from contacts.models import Contact, FieldChange
from contacts.services.contacts import create_contact
from tests.crm.pages import form, words
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


def opened(browser, contact):
    """The form as the person sees it when opening it."""
    return form(browser.get(f"/contacts/{contact.pk}/edit/"), "phone")


def test_r10_form_saves_only_what_the_person_changed(browser, staff, announced):
    contact = ContactFactory(phone="1", city="Austin", company="ACME")
    sent = opened(browser, contact)
    Contact.objects.filter(pk=contact.pk).update(city="Boston", company="")  # the sync, meanwhile

    response = browser.post(f"/contacts/{contact.pk}/edit/", sent | {"phone": "2"}, follow=True)

    contact.refresh_from_db()
    assert (contact.phone, contact.city, contact.company) == ("2", "Boston", "")
    assert [c["fields"] for c in announced] == [{"phone"}]
    (entry,) = FieldChange.objects.filter(record_id=contact.pk)
    assert (entry.field, entry.old, entry.new, entry.by) == ("phone", "1", "2", staff)
    assert "Saved: Phone." in words(response)


def test_r10_a_value_replaced_unseen_is_said_and_kept_in_history(browser):
    contact = ContactFactory(phone="1")
    sent = opened(browser, contact)
    Contact.objects.filter(pk=contact.pk).update(phone="9")

    response = browser.post(f"/contacts/{contact.pk}/edit/", sent | {"phone": "2"}, follow=True)

    contact.refresh_from_db()
    assert contact.phone == "2"
    assert "Phone had been changed by someone else while you were editing" in words(response)
    (entry,) = FieldChange.objects.filter(record_id=contact.pk)
    assert (entry.old, entry.new) == ("9", "2")


def test_saving_untouched_changes_nothing(browser, announced):
    contact = ContactFactory(phone="1", line1="a\tb  ", city=" Austin")
    updated = contact.updated_at

    response = browser.post(f"/contacts/{contact.pk}/edit/", opened(browser, contact), follow=True)

    contact.refresh_from_db()
    assert (contact.updated_at, contact.line1, contact.city) == (updated, "a\tb  ", " Austin")
    assert announced == []
    assert "Nothing was changed." in words(response)


def test_a_form_refused_once_still_knows_the_version_it_was_opened_on(browser):
    contact = ContactFactory(phone="1", city="Austin")
    sent = opened(browser, contact)
    Contact.objects.filter(pk=contact.pk).update(city="Boston")

    refused = browser.post(f"/contacts/{contact.pk}/edit/", sent | {"email": "nonsense"})
    again = form(refused, "phone")
    assert again["city"] == again["initial-city"] == "Austin"
    browser.post(f"/contacts/{contact.pk}/edit/", again | {"email": "new@example.com"})

    contact.refresh_from_db()
    assert (contact.email, contact.city) == ("new@example.com", "Boston")


@pytest.mark.parametrize(
    ("field", "longest", "label"),
    [
        ("first_name", 100, "First name"),
        ("middle_name", 100, "Middle name"),
        ("last_name", 100, "Last name"),
        ("company", 100, "Company"),
        ("phone", 30, "Phone"),
        ("line1", 500, "Address line 1"),
        ("line5", 500, "Address line 5"),
        ("city", 255, "City"),
        ("region", 255, "State or region"),
        ("postal_code", 30, "Postal code"),
        ("country", 255, "Country"),
    ],
)
def test_r7_what_quickbooks_cannot_hold_is_refused_in_words(browser, field, longest, label):
    held = {"first_name": "Jane", "email": "jane@example.com"}

    response = browser.post("/contacts/new/", held | {field: "x" * (longest + 1)})

    assert (
        f"{label} can have at most {longest} characters in QuickBooks; this has {longest + 1}."
        in words(response)
    )
    assert not Contact.objects.exists()

    browser.post("/contacts/new/", held | {field: "x" * longest})
    assert getattr(Contact.objects.get(), field) == "x" * longest


def test_r7_address_lines_together_have_a_limit(browser):
    lines = {f"line{number}": "x" * 401 for number in range(1, 6)}

    response = browser.post("/contacts/new/", {"first_name": "Jane"} | lines)

    assert "at most 2,000 characters together in QuickBooks; these have 2,005." in words(response)
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["jane", "jane@", "jane@localhost", "@example.com", "a@example.com, b@example.com", "a b@c.de"],
)
def test_r6_an_address_quickbooks_would_refuse_is_refused_here(browser, address):
    response = browser.post("/contacts/new/", {"first_name": "Jane", "email": address})

    assert "This is not an email address." in words(response)
    assert not Contact.objects.exists()


def test_an_address_longer_than_quickbooks_holds_is_refused(browser):
    address = f"{'a' * 60}@{'b' * 60}.example.com"

    response = browser.post("/contacts/new/", {"email": address})

    assert "Email can have at most 100 characters in QuickBooks" in words(response)


def test_what_an_untouched_field_holds_is_never_refused(browser):
    contact = ContactFactory(
        company="x" * 150, email="a@example.com, b@example.com", phone="0" * 40, city=""
    )

    browser.post(f"/contacts/{contact.pk}/edit/", opened(browser, contact) | {"city": "Austin"})

    contact.refresh_from_db()
    assert (contact.city, len(contact.company), len(contact.phone)) == ("Austin", 150, 40)


def test_pasted_line_breaks_become_blanks(browser):
    browser.post("/contacts/new/", {"first_name": "Jane\r\nAnn\tMay ", "email": "j@example.com"})

    assert Contact.objects.get().first_name == "Jane Ann May"


def test_a_null_character_is_refused_in_words(browser):
    response = browser.post("/contacts/new/", {"first_name": "Ja\x00ne"})

    assert response.status_code == 200
    assert "Null characters are not allowed" in words(response)


def test_a_contact_needs_something_to_be_called_by(browser):
    response = browser.post("/contacts/new/", {"phone": "1"})

    assert "Enter a name, a company or an email address." in words(response)
    assert not Contact.objects.exists()


def test_r5_taken_address_leads_to_its_contact(browser):
    holder = create_contact({"first_name": "<b>Jane</b>", "email": "jane@example.com"})

    response = browser.post("/contacts/new/", {"email": "JANE@example.com"})

    page = response.content.decode()
    assert f'<a href="/contacts/{holder.pk}/">&lt;b&gt;Jane&lt;/b&gt;</a> already' in page
    assert Contact.objects.count() == 1


def test_r5_taken_address_while_editing_offers_to_merge(browser):
    holder = create_contact({"first_name": "Jane", "email": "jane@example.com"})
    contact = ContactFactory(email="joe@example.com")

    response = browser.post(
        f"/contacts/{contact.pk}/edit/", opened(browser, contact) | {"email": "jane@example.com"}
    )

    merge = f'<a href="/contacts/{contact.pk}/merge/?other={holder.pk}">merge them</a>'
    assert merge in response.content.decode()
    contact.refresh_from_db()
    assert contact.email == "joe@example.com"


def test_new_contact_is_added_and_shown(browser, staff):
    response = browser.post(
        "/contacts/new/", {"first_name": "Jane", "email": "jane@example.com"}, follow=True
    )

    contact = Contact.objects.get()
    assert response.redirect_chain == [(f"/contacts/{contact.pk}/", 302)]
    assert "Jane was added." in words(response)
    assert f"Created empty Jane just now {staff}" in words(response)


def test_fields_nobody_sent_are_left_alone(browser):
    """A form shortened by hand changes only what it names."""
    contact = ContactFactory(phone="1", city="Austin")

    browser.post(f"/contacts/{contact.pk}/edit/", {"phone": "2", "initial-phone": "1"})

    contact.refresh_from_db()
    assert (contact.phone, contact.city) == ("2", "Austin")
