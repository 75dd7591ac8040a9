"""The cast of these tests."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from contacts.addresses import key_of
from contacts.models import Consent, ConsentEvent
from contacts.services.consent import links
from tests.alone import browser, staff
from tests.factories import BusinessFactory

__all__ = ["browser", "staff"]


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
