"""The cast of these tests, and an ear on what the CRM announces."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.safestring import SafeString

from contacts.models import Origin, Payment, User
from contacts.services.invoicing import Line, create_draft, mark_sent
from contacts.signals import record_changed
from tests.factories import BusinessFactory, ContactFactory


@pytest.fixture
def staff(db):
    return User.objects.create_user("sam@shop.test", first_name="Sam", last_name="Staff")


@pytest.fixture
def browser(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def business(db):
    return BusinessFactory(invoice_prefix="NW-", next_invoice_number=501)


@pytest.fixture
def contact(db):
    return ContactFactory(first_name="Dana", last_name="Reeves", email="dana@customer.example")


@pytest.fixture
def draft(business, contact, staff):
    """A draft of 250.00: two at 100.00 and a free line of 50.00."""
    return create_draft(
        contact,
        [
            Line(description="Oak table", quantity=Decimal(2), unit_price=Decimal(100)),
            Line(description="Delivery", quantity=Decimal(1), unit_price=Decimal(50)),
        ],
        by=staff,
    )


@pytest.fixture
def sent(draft, staff):
    return mark_sent(draft, by=staff)


@pytest.fixture
def announced():
    """`(record, fields)` of every announcement since the test began, in order."""
    calls: list[tuple[object, frozenset[str]]] = []

    def listen(record, fields, origin, **_):
        assert origin == Origin.CRM
        calls.append((record, fields))

    record_changed.connect(listen)
    yield calls
    record_changed.disconnect(listen)


@pytest.fixture
def payments_announced(announced):
    """The fields of the announcements about payments."""
    return lambda: [fields for record, fields in announced if isinstance(record, Payment)]


def no_states(kind, ids):
    return {}


def no_panel(request, kind, record):
    return SafeString("")


@pytest.fixture(autouse=True)
def _no_integration(settings):
    settings.CONTACTS_RECORD_STATES = "tests.invoicing.conftest.no_states"
    settings.CONTACTS_RECORD_PANEL = "tests.invoicing.conftest.no_panel"
    settings.CONTACTS_BANNERS = ""
    settings.CONTACTS_ATTENTION_COUNT = ""
