"""Where the links of our mails lead: pages of people who are not signed in (R8)."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Consent, ConsentEvent, Contact
from contacts.services.consent import links
from contacts.services.consent.acting import request_confirmation
from contacts.services.consent.gate import may_receive
from contacts.services.consent.unsubscribing import unsubscribe
from contacts.services.consent.writing import Trace
from contacts.services.contacts import update_contact
from tests import consents
from tests.consent.conftest import confirm_link, consent_of, events, path_of
from tests.crm.pages import words
from tests.factories import ContactFactory

RANDOM_ID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business")]


@pytest.fixture
def stranger():
    """A browser that keeps no cookie and holds to the rules for forms."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def asked(staff):
    """A contact whose confirmation email waits."""
    contact = ContactFactory(email="Ada@Example.com")
    request_confirmation(Contact.objects.all(), by=staff)
    contact.refresh_from_db()
    return contact


@pytest.fixture
def reader():
    """A contact that gets our mail."""
    return ContactFactory(email="ada@example.com", consent="marketable")


def unsubscribe_link(contact):
    return path_of(links.unsubscribe_url(consent_of(contact).pk, "broadcast 7"))


def too_old(monkeypatch, contact):
    """The contact's link, sent more than two weeks ago."""
    long_ago = time.time() - timedelta(days=14, seconds=1).total_seconds()
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: long_ago)
        return confirm_link(contact)


def test_r8_the_page_names_the_business_and_asks_and_looking_confirms_nothing(stranger, asked):
    link = confirm_link(asked)

    page = stranger.get(link)

    assert "May Northwind Joinery send you mail?" in words(page)
    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies
    stranger.head(link)
    asked.refresh_from_db()
    assert asked.marketing_status == "waiting"
    assert not may_receive(asked.email)


def test_r8_pressing_confirms_and_keeps_from_where(stranger, asked, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    link = confirm_link(asked)

    answer = stranger.post(link, headers={"X-Forwarded-For": "9.9.9.9, 203.0.113.7"})

    assert (answer.status_code, answer["Location"]) == (302, link)
    assert "Thank you" in words(stranger.get(link))
    asked.refresh_from_db()
    assert asked.marketing_status == "marketable"
    event = ConsentEvent.objects.latest("id")
    assert (event.what, event.old, event.new) == ("confirmed", "waiting", "marketable")
    assert (event.ip, event.by, event.contact_id) == ("203.0.113.7", None, asked.pk)
    assert event.source == "Link in the confirmation email"


def test_r8_a_browser_of_the_same_link_confirms_like_any_other(stranger, asked):
    """Its address names our own network card, which no other machine could make sense of."""
    stranger.post(confirm_link(asked), REMOTE_ADDR="fe80::1c2d%eth0")

    assert ConsentEvent.objects.latest("id").ip == "fe80::1c2d"


def test_r8_confirming_twice_is_harmless(stranger, asked):
    link = confirm_link(asked)
    stranger.post(link)
    before = events("ada@example.com")

    stranger.post(link)

    assert events("ada@example.com") == before
    assert may_receive(asked.email)


def test_r8_an_old_link_does_not_bring_back_who_unsubscribed_since(stranger, asked):
    link = confirm_link(asked)
    stranger.post(link)
    unsubscribe(asked.email, Trace())

    assert "not valid any more" in words(stranger.get(link))
    stranger.post(link)
    stranger.post(link, {"again": "yes"})

    asked.refresh_from_db()
    assert asked.marketing_status == "unsubscribed"
    assert consent_of(asked).confirmation_wanted_at is None


def test_r8_a_link_is_dead_once_the_address_has_left_even_if_it_comes_back(stranger, asked, staff):
    link = confirm_link(asked)
    update_contact(asked, {"email": "new@example.com"}, by=staff)
    stranger.post(link)
    update_contact(asked, {"email": "ada@example.com"}, by=staff)

    stranger.post(link)

    assert "not valid any more" in words(stranger.get(link))
    assert not Consent.objects.filter(status="marketable").exists()
    consents.assert_agreement()


def test_r8_an_expired_link_confirms_nothing_and_offers_a_new_one(stranger, asked, monkeypatch):
    link = too_old(monkeypatch, asked)
    Consent.objects.update(confirmation_wanted_at=None)

    assert "This link is too old" in words(stranger.get(link))
    stranger.post(link)
    assert not may_receive(asked.email)
    first = words(stranger.post(link, {"again": "yes"}))
    wanted_at = consent_of(asked).confirmation_wanted_at
    again = words(stranger.post(link, {"again": "yes"}))

    assert first == again
    assert wanted_at is not None
    assert consent_of(asked).confirmation_wanted_at == wanted_at
    assert events("ada@example.com")[1:] == [("requested", "waiting", "waiting")]


def test_r8_the_answer_about_a_new_link_is_the_same_whether_or_not_the_address_is_known(
    stranger, asked, monkeypatch
):
    link = too_old(monkeypatch, asked)
    known = words(stranger.post(link, {"again": "yes"}))
    Contact.objects.all().delete()
    assert words(stranger.post(link, {"again": "yes"})) == known
    Consent.objects.all().delete()
    assert words(stranger.post(link, {"again": "yes"})) == known


@pytest.mark.parametrize("path", ["confirm", "unsubscribe"])
@pytest.mark.parametrize("change", ["cut", "other salt", "nonsense"])
def test_r8_a_forged_link_is_told_so_and_does_nothing(stranger, asked, path, change):
    own = confirm_link(asked) if path == "confirm" else unsubscribe_link(asked)
    other = unsubscribe_link(asked) if path == "confirm" else confirm_link(asked)
    link = {
        "cut": own[:-1],
        "other salt": f"/consent/{path}/{other.rpartition('/')[2]}",
        "nonsense": f"/consent/{path}/x",
    }[change]
    for answer in (
        stranger.get(link),
        stranger.post(link),
        stranger.post(link, {"again": "yes"}),
        stranger.post(link, {"by_mistake": "yes"}),
        stranger.post(link, {"List-Unsubscribe": "One-Click"}),
    ):
        assert answer.status_code == 404
        assert "This link is not known here" in words(answer)
    assert consent_of(asked).status == "waiting"


def test_r8_unsubscribing_asks_first_and_says_through_which_mail(stranger, reader):
    link = unsubscribe_link(reader)

    assert "Stop these mails?" in words(stranger.get(link))
    assert may_receive(reader.email)
    answer = stranger.post(link)

    assert (answer.status_code, answer["Location"]) == (302, link)
    assert "You are unsubscribed" in words(stranger.get(link))
    reader.refresh_from_db()
    assert reader.marketing_status == "unsubscribed"
    event = ConsentEvent.objects.get()
    assert (event.what, event.source, event.ip) == (
        "unsubscribed",
        "Link in broadcast 7",
        "127.0.0.1",
    )


def test_r8_one_click_needs_no_cookie_no_page_and_works_again(stranger, reader):
    link = unsubscribe_link(reader)
    for _ in range(2):
        answer = stranger.post(link, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.cookies) == (200, {})
    assert not may_receive(reader.email)
    assert ConsentEvent.objects.get().source == "Button of the mail program in broadcast 7"


def test_r8_a_link_for_unsubscribing_never_expires(stranger, reader, monkeypatch):
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: 0.0)
        link = unsubscribe_link(reader)
    stranger.post(link)
    assert not may_receive(reader.email)


def test_r8_the_link_works_for_an_address_that_no_contact_has_any_more(stranger, reader, staff):
    link = unsubscribe_link(reader)
    update_contact(reader, {"email": "new@example.com"}, by=staff)

    stranger.post(link)

    assert events("ada@example.com")[-1] == ("unsubscribed", "non_marketable", "unsubscribed")
    reader.refresh_from_db()
    assert reader.marketing_status == "non_marketable"


def test_r8_who_unsubscribed_by_mistake_comes_back_by_confirming(stranger, reader):
    link = unsubscribe_link(reader)
    stranger.post(link)
    assert "Look at your mail" in words(stranger.post(link, {"by_mistake": "yes"}))
    stranger.post(link, {"by_mistake": "yes"})

    reader.refresh_from_db()
    assert reader.marketing_status == "unsubscribed"
    assert not may_receive(reader.email)
    assert consent_of(reader).confirmation_wanted_at <= timezone.now()

    stranger.post(confirm_link(reader))

    reader.refresh_from_db()
    assert reader.marketing_status == "marketable"
    assert events("ada@example.com") == [
        ("unsubscribed", "marketable", "unsubscribed"),
        ("asked_back", "unsubscribed", "unsubscribed"),
        ("confirmed", "unsubscribed", "marketable"),
    ]


def test_links_hold_no_address(asked):
    from django.core import signing

    for url in (
        links.confirm_url(consent_of(asked)),
        links.unsubscribe_url(consent_of(asked).pk, "broadcast 7"),
    ):
        payload = url.rpartition("/")[2].split(":")[0]
        said = signing.b64_decode(payload.removeprefix(".").encode()).lower()
        # Its three letters are in every hundredth random id, too.
        assert b"ada" not in RANDOM_ID.sub(b"", said)
