"""The cast of these tests, and an ear on what the CRM announces."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import Origin, Payment
from contacts.services.invoicing import Line, create_draft, mark_sent
from contacts.signals import record_changed
from tests.alone import browser, no_integration, staff
from tests.factories import BusinessFactory, ContactFactory

__all__ = ["browser", "no_integration", "staff"]


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
