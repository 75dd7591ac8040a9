"""Consent in a real browser: without scripts, on a phone, in light and dark (R8)."""

from __future__ import annotations

import pytest

from contacts.models import Contact
from contacts.services.consent import links
from contacts.services.consent.acting import request_confirmation
from contacts.services.consent.gate import may_receive
from tests.consent.conftest import confirm_link, consent_of, path_of
from tests.factories import ContactFactory
from tests.readable import assert_readable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(open_page, business, staff):
    """Pages of staff: `opened(viewport=...)`; of a stranger with `signed_in=False`."""

    def opened(*, signed_in=True, **options):
        return open_page(staff if signed_in else None, **options)

    return opened


def test_r8_ticked_contacts_are_opted_in_without_scripts(opened):
    for name in ("Nora", "Bea", "Tom"):
        ContactFactory(first_name=name, last_name="", origin="quickbooks")
    page = opened(java_script_enabled=False)

    page.goto("/contacts/")
    page.get_by_text("3 imported contacts may not be mailed yet").wait_for()
    page.get_by_role("checkbox", name="Choose Nora").check()
    page.get_by_role("checkbox", name="Choose Tom").check()
    page.locator("summary", has_text="Marketing consent").click()
    page.get_by_role("button", name="Opt in by hand…").click()
    page.get_by_text("2 ticked contacts").wait_for()
    page.get_by_label("Reason").fill("Signed the form at the fair")
    page.get_by_role("button", name="Opt in 2").click()

    page.get_by_text("2 contacts may get broadcasts now.").wait_for()
    agreed = Contact.objects.filter(marketing_status="marketable").values_list("first_name")
    assert sorted(name for (name,) in agreed) == ["Nora", "Tom"]


def test_r8_a_stranger_confirms_without_scripts_and_without_cookies(opened, staff):
    ada = ContactFactory(email="ada@example.com")
    request_confirmation(Contact.objects.all(), by=staff)
    page = opened(signed_in=False, java_script_enabled=False)

    page.goto(confirm_link(ada))
    page.get_by_role("heading", name="May Northwind Joinery send you mail?").wait_for()
    page.get_by_role("button", name="Yes, I agree").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert may_receive("ada@example.com")
    page.goto(path_of(links.unsubscribe_url(consent_of(ada).pk)))
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert not may_receive("ada@example.com")
    page.get_by_role("button", name="I did this by mistake").click()
    page.get_by_role("heading", name="Look at your mail").wait_for()

    assert page.context.cookies() == []


def test_consent_pages_are_accessible_and_fit_a_phone(opened, staff):
    waiting, gone = ContactFactory(), ContactFactory(consent="unsubscribed")
    ContactFactory(origin="quickbooks")
    request_confirmation(Contact.objects.filter(pk=waiting.pk), by=staff)
    assert_readable(
        opened(),
        "/contacts/",
        f"/contacts/{waiting.pk}/",
        f"/contacts/{gone.pk}/consent/opt-in/",
        f"/contacts/{waiting.pk}/consent/unsubscribe/",
        "/contacts/consent/opt-in/",
        "/contacts/consent/ask/",
        confirm_link(waiting),
        path_of(links.unsubscribe_url(consent_of(gone).pk)),
    )
