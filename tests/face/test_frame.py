"""What every page carries: policy, places, search, messages, errors in plain words."""

from __future__ import annotations

import re

import pytest

from tests.factories import ContactFactory, InvoiceFactory, ProductFactory, UserFactory
from tests.signing_in import sign_in

PAGES = [
    "/",
    "/search",
    "/search?q=oak",
    "/settings/profile/",
    "/settings/business/",
    "/settings/people/",
    "/settings/people/invite/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/logout/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_no_page_needs_what_the_content_policy_forbids(as_admin, address):
    InvoiceFactory(sent=True)
    response = as_admin.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:|<script(?![^>]*\ssrc=)", page)
    assert "'unsafe" not in response["Content-Security-Policy"]
    assert page.count("<h1") == 1
    assert 'href="#main"' in page


@pytest.mark.django_db
def test_search_finds_by_beginnings_of_words_in_all_lists(as_staff):
    contact = ContactFactory(first_name="Oakley", last_name="Barnes")
    product = ProductFactory(name="Oak table")
    ProductFactory(name="Pine shelf", sku="PINE")
    invoice = InvoiceFactory(contact=contact)
    page = as_staff.get("/search?q=oak").content.decode()
    for address in (
        f"/contacts/{contact.pk}/",
        f"/products/{product.pk}/",
        f"/invoices/{invoice.pk}/",
    ):
        assert f'href="{address}"' in page
    assert "Pine shelf" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["%00", "%27%3B--", "%3A*%7C%26", "a" * 3000, "<script>"])
def test_search_takes_anything(as_staff, words):
    response = as_staff.get(f"/search?q={words}")
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<main")[1]


def banners(request):
    return [{"tone": "failed", "text": "Reconnect <now>", "url": "/x", "label": "Reconnect"}]


def three(request):
    return 3


@pytest.mark.django_db
def test_the_integration_can_raise_banners_and_a_count(as_staff, settings):
    settings.CONTACTS_BANNERS = "tests.face.test_frame.banners"
    settings.CONTACTS_ATTENTION_COUNT = "tests.face.test_frame.three"
    page = as_staff.get("/settings/profile/").content.decode()
    assert "Reconnect &lt;now&gt;" in page
    assert 'aria-label="3 open"' in page


@pytest.mark.django_db
def test_messages_are_toasts_and_stay_readable_without_scripts(as_staff):
    page = as_staff.post("/settings/profile/", {"first_name": "Sam"}, follow=True).content.decode()
    region = page.split('id="toasts"')[1].split("<template")[0]
    assert "Your profile was saved." in region
    assert not re.search(r'class="toast-note[^>]*hidden', region)


@pytest.mark.django_db
def test_errors_are_told_in_plain_words(client, settings):
    settings.DEBUG = False
    sign_in(client, UserFactory())
    missing = client.get("/nowhere/")
    assert missing.status_code == 404
    assert "There is no such page" in missing.content.decode()


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused_in_plain_words():
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, UserFactory())
    response = strict.post("/settings/profile/", {"first_name": "Eve"})
    assert response.status_code == 403
    assert "This form was open too long" in response.content.decode()


def test_the_page_of_a_server_error_needs_no_context():
    from django.template.loader import get_template

    for name in ("400", "403", "404", "500", "403_csrf"):
        page = get_template(f"{name}.html").render()
        assert page.count("<h1>") == 1
