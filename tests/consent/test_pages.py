"""Consent on the pages of people who work here (R8)."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from contacts.models import Consent, ConsentEvent, Contact
from contacts.services.consent.acting import opt_in
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from tests.consent.conftest import consent_of, events
from tests.crm.pages import form, words
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

MANY = "/contacts/consent/opt-in/"
ASK = "/contacts/consent/ask/"


def page_of(browser, contact):
    return browser.get(f"/contacts/{contact.pk}/")


def test_r8_the_contacts_page_says_the_status_since_when_by_whom_and_why(browser, staff):
    ada = ContactFactory()
    assert "Non-marketable No broadcast reaches this address before" in words(page_of(browser, ada))
    opt_in(Contact.objects.all(), reason="Signed the form", by=staff, source="Contact's page")

    page = words(page_of(browser, ada))

    assert "Marketing mail Marketable Opted in by hand" in page
    assert "by Sam Staff: Signed the form" in page
    assert "Invoices and reminders are no marketing" in page
    assert "Send confirmation email" not in page


def test_r8_opting_in_on_the_page_asks_for_the_reason(browser, staff):
    ada = ContactFactory(email="ada@example.com")
    address = f"/contacts/{ada.pk}/consent/opt-in/"

    assert "Reason cannot be empty." in words(browser.post(address, {"reason": " "}))
    assert not ConsentEvent.objects.exists()
    page = browser.post(address, {"reason": "Asked at the fair"}, follow=True)

    assert f"{ada} may get broadcasts now." in words(page)
    event = ConsentEvent.objects.get()
    assert (event.by, event.reason, event.source) == (
        staff,
        "Asked at the fair",
        "Contact's page",
    )


def test_r8_who_unsubscribed_is_opted_in_only_because_they_asked_again(browser):
    gone = ContactFactory(email="gone@example.com", consent="unsubscribed")
    address = f"/contacts/{gone.pk}/consent/opt-in/"

    refused = browser.post(address, {"reason": "They will like it"})
    assert "Say that its holder asked for mail again" in words(refused)
    browser.post(address, {"reason": "Called on Monday", "asked_again": "on"})

    assert events("gone@example.com") == [("opted_in", "unsubscribed", "marketable")]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"archived": True}, "archived"),
        ({"without_email": True}, "without an email address"),
        ({"consent": "marketable"}, "marketable already"),
    ],
)
def test_r8_who_cannot_be_opted_in_is_not_and_the_page_says_why(browser, fields, why):
    ada = ContactFactory(**fields)
    assert "Opt in by hand" not in words(page_of(browser, ada))
    page = browser.post(f"/contacts/{ada.pk}/consent/opt-in/", {"reason": "Fair"}, follow=True)
    assert f"Nobody is opted in that is {why}." in words(page)
    assert not ConsentEvent.objects.exists()


def test_r8_asking_by_email_is_offered_once_a_day(browser, staff):
    ada = ContactFactory()
    address = f"/contacts/{ada.pk}/consent/ask/"

    assert browser.get(address).status_code == 405
    page = browser.post(address, follow=True)
    assert f"A confirmation email to {ada.email} is on its way." in words(page)
    assert "Waiting for confirmation" in words(page)
    assert 'disabled aria-describedby="not-asked"' in page.content.decode()
    assert "The next can be sent a day later." in words(page)
    again = browser.post(address, follow=True)
    assert "Nothing was sent. One was sent within the last day" in words(again)
    assert ConsentEvent.objects.filter(what="requested").count() == 1

    yesterday = timezone.now() - datetime.timedelta(hours=25)
    Consent.objects.update(confirmation_wanted_at=None, confirmation_sent_at=yesterday)
    assert "disabled aria-describedby" not in page_of(browser, ada).content.decode()


def test_r8_unsubscribing_by_hand_keeps_how_they_said_so(browser, staff):
    ada = ContactFactory(consent="marketable")

    browser.post(f"/contacts/{ada.pk}/consent/unsubscribe/", {"reason": "Called"})

    ada.refresh_from_db()
    assert ada.marketing_status == "unsubscribed"
    event = ConsentEvent.objects.get()
    assert (event.what, event.by, event.reason) == ("unsubscribed", staff, "Called")
    assert "Send confirmation email" not in words(page_of(browser, ada))


def test_history_shows_fields_and_consent_in_the_order_of_time(browser, staff):
    from contacts.services.contacts import create_contact, update_contact

    ada = create_contact({"email": "ada@example.com"}, by=staff)
    opt_in(Contact.objects.all(), reason="Signed the form", by=staff)
    update_contact(ada, {"phone": "555"}, by=staff)
    unsubscribe("ada@example.com", Trace(source="Link in Spring sale", ip="203.0.113.7"))
    update_contact(ada, {"email": "new@example.com"}, by=staff)

    page = words(page_of(browser, ada))

    order = [
        "Marketing: Stays unsubscribed Non-marketable Unsubscribed",
        "Email ada@example.com new@example.com",
        "Marketing: Unsubscribed Marketable Unsubscribed For ada@example.com. Link in Spring sale"
        " From 203.0.113.7.",
        "Phone empty 555",
        "Marketing: Opted in by hand Non-marketable Marketable Signed the form",
        "Created empty ada@example.com",
    ]
    places = [page.index(line) for line in order]
    assert sorted(places[2:]) == places[2:]
    assert max(places[:2]) < places[2]


def test_pages_of_a_long_history_of_both_kinds_lose_and_repeat_nothing(browser, staff):
    from contacts.services.contacts import create_contact, update_contact

    ada = create_contact({"email": "ada@example.com"}, by=staff)
    for number in range(12):
        update_contact(ada, {"phone": f"55{number}"}, by=staff)
        opt_in(Contact.objects.all(), reason=f"Reason {number} given", by=staff)
        unsubscribe("ada@example.com", Trace(reason=f"Stop {number} said"))
        Consent.objects.update(status="non_marketable")
        Contact.objects.update(marketing_status="non_marketable")

    seen, address = "", f"/contacts/{ada.pk}/"
    for _ in range(2):
        answer = browser.get(address)
        shown = answer.context["history"]
        seen += words(answer)
        address = f"/contacts/{ada.pk}/?before={shown['older_than']}"

    assert shown["older_than"] is None
    for number in range(12):
        assert seen.count(f"Reason {number} given") == 1
        assert seen.count(f"Stop {number} said") == 1


@pytest.mark.parametrize(
    ("query", "chosen", "reached"),
    [
        ("", "All contacts", 3),
        ("?q=Nora", "All contacts that fit the list’s filter", 1),
        ("?marketing_status=marketable", "All contacts that fit the list’s filter", 0),
    ],
)
def test_r8_the_page_for_many_says_whom_it_reaches_and_leaves_out(browser, query, chosen, reached):
    for name in ("Nora", "Bea", "Tom"):
        ContactFactory(first_name=name, last_name="")
    ContactFactory(first_name="Gone", consent="unsubscribed")
    ContactFactory(first_name="Mark", consent="marketable")

    page = browser.get(f"{MANY}{query}")

    assert f"Chosen {chosen} Become marketable {reached}" in words(page)
    if reached == 3:
        assert "Left out 1 unsubscribed 1 marketable already" in words(page)
    assert ("Reason" in words(page)) == bool(reached)


def test_r8_ticked_contacts_are_opted_in_and_no_others(browser, staff):
    nora, _, tom = (ContactFactory(first_name=n) for n in ("Nora", "Bea", "Tom"))
    address = f"{MANY}?id={nora.pk}&id={tom.pk}&id=x&marketing_status=non_marketable"
    sent = form(browser.get(address), "reason")

    page = browser.post(address, sent | {"reason": "Signed at the fair"})

    assert page["Location"] == "/contacts/?marketing_status=non_marketable"
    shown = dict(Contact.objects.values_list("first_name", "marketing_status"))
    assert shown == {"Nora": "marketable", "Bea": "non_marketable", "Tom": "marketable"}
    assert set(ConsentEvent.objects.values_list("by", "reason", "source")) == {
        (staff.pk, "Signed at the fair", "List of contacts")
    }


def test_r8_where_the_number_has_changed_it_asks_again(browser):
    ContactFactory()
    sent = form(browser.get(MANY), "reason") | {"reason": "Signed"}
    ContactFactory()

    page = browser.post(MANY, sent)

    assert "The numbers have changed meanwhile." in words(page)
    assert not ConsentEvent.objects.exists()
    browser.post(MANY, form(page, "reason"))
    assert Contact.objects.filter(marketing_status="marketable").count() == 2


def test_r8_many_are_asked_by_email(browser):
    nora = ContactFactory(first_name="Nora", last_name="")
    ContactFactory(first_name="Gone", consent="unsubscribed")
    sent = form(browser.get(ASK), "expected")

    page = browser.post(ASK, sent, follow=True)

    assert "1 confirmation email is on the way." in words(page)
    assert consent_of(nora).status == "waiting"
    assert Consent.objects.filter(confirmation_wanted_at__isnull=False).count() == 1
    assert "Get the email 0" in words(browser.get(ASK))


@pytest.mark.parametrize("choice", ["marketing_status=maybe", "id=", "id=one"])
@pytest.mark.parametrize("address", [MANY, ASK])
def test_a_choice_that_does_not_exist_does_not_mean_everybody(browser, address, choice):
    ContactFactory()
    page = browser.post(f"{address}?{choice}", {"reason": "x", "expected": "1"}, follow=True)
    assert "That choice does not exist." in words(page)
    assert not ConsentEvent.objects.exists()


def test_r8_after_an_import_the_list_offers_the_two_lawful_ways_on(browser):
    ContactFactory.create_batch(2, origin="quickbooks")
    ContactFactory(origin="quickbooks", consent="unsubscribed")
    ContactFactory()

    page = browser.get("/contacts/")

    assert "2 imported contacts may not be mailed yet" in words(page)
    chosen = "?marketing_status=non_marketable&amp;origin=quickbooks"
    for address, label in ((ASK, "Get the email 2"), (MANY, "Become marketable 2")):
        assert f'href="{address}{chosen}"' in page.content.decode()
        assert label in words(browser.get(f"{address}{chosen.replace('&amp;', '&')}"))

    browser.post("/contacts/consent/banner/")
    assert "may not be mailed yet" not in words(browser.get("/contacts/"))
    ContactFactory(origin="quickbooks")
    assert "3 imported contacts may not be mailed yet" in words(browser.get("/contacts/"))


def test_r8_without_an_import_there_is_no_banner(browser):
    ContactFactory()
    assert "may not be mailed yet" not in words(browser.get("/contacts/"))


def test_ticks_and_filter_reach_the_acts_without_scripts(browser):
    nora = ContactFactory(first_name="Nora")
    page = browser.get("/contacts/?q=nora&marketing_status=non_marketable").content.decode()
    assert f'name="id" value="{nora.pk}" form="chosen"' in page
    assert '<form id="chosen" class="acts" method="get" action="/contacts/consent/ask/">' in page
    assert '<input type="hidden" name="q" value="nora">' in page
    assert 'formaction="/contacts/consent/opt-in/"' in page
