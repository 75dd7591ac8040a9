"""The cast of these tests."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from contacts.addresses import key_of
from contacts.models import Consent, ConsentEvent, User
from contacts.services.consent import links
from tests.factories import BusinessFactory


@pytest.fixture
def staff(db):
    return User.objects.create_user("sam@shop.test", first_name="Sam", last_name="Staff")


@pytest.fixture
def browser(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def business(db):
    return BusinessFactory(email="hello@northwind.example")


def consent_of(contact):
    return Consent.objects.get(address=key_of(contact.email))


def confirm_link(contact):
    return path_of(links.confirm_url(consent_of(contact)))


def events(address):
    """What happened to the address: what, from, to."""
    return [
        (event.what, event.old, event.new)
        for event in ConsentEvent.objects.filter(address=address).order_by("id")
    ]


def path_of(url):
    return urlsplit(url).path
