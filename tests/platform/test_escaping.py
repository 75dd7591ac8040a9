"""Whatever QuickBooks or a person writes into a field is text on every page, never markup."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, Delivery, Mailing, Origin, RecordKind, SequenceStep, User
from contacts.services import history
from integrations import attention
from integrations.models import Cause, Connection, OutboxEntry, Run
from tests.factories import (
    AllocationFactory,
    BusinessFactory,
    ContactFactory,
    InvoiceFactory,
    InvoiceLineFactory,
    PaymentFactory,
    ProductFactory,
)
from tests.pages.records import aside, linked_customer, linked_invoice
from tests.platform.test_public_addresses import EVERY, SAMPLES
from tests.signing_in import sign_in

MARKUP = """"'><img src=x onerror=alert(1)>{{7*7}}"""
# Nothing of it may stand on a page as it was written.
FORBIDDEN = ("<img src=x", "onerror=alert(1)>", "\"'>", "<b>")

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    admin = User.objects.create_superuser(
        "ada@example.com", "x", pk=1, first_name=MARKUP, last_name=MARKUP
    )
    sign_in(client, admin)
    return admin


@pytest.fixture
def records(person, settings):
    """One of everything, each with markup in every text that is not ours."""
    now = timezone.now()
    BusinessFactory(name=MARKUP, address=MARKUP, tax_number=MARKUP, how_to_pay=MARKUP)
    texts = dict.fromkeys(Contact.SYNCED_FIELDS, MARKUP) | {"email": '"<b>x"@example.com'}
    contact = ContactFactory(pk=1, **texts)
    product = ProductFactory(pk=1, name=MARKUP, sku=MARKUP, description=MARKUP)
    invoice = InvoiceFactory(pk=1, contact=contact, number="<b>1", sent=True, memo=MARKUP)
    InvoiceLineFactory(
        pk=1, invoice=invoice, product=product, description=MARKUP, bundle_name=MARKUP
    )
    InvoiceFactory(pk=2, contact=contact, number="<b>2")
    payment = PaymentFactory(pk=1, contact=contact, unapplied=0, reference=MARKUP, note=MARKUP)
    AllocationFactory(invoice=invoice, payment=payment)
    plain = MARKUP.partition("{{")[0]
    broadcast = Mailing.objects.create(
        pk=1, status="sending", subject=plain, body=f"{plain}\n\n# {plain}", started_at=now
    )
    Delivery.objects.create(
        mailing=broadcast, contact=contact, address=contact.email, due_at=now, reason=MARKUP
    )
    step = Mailing.objects.create(
        pk=2, kind="step", status="paused", subject=plain, body=plain, started_at=now
    )
    SequenceStep.objects.create(pk=1, mailing=step, position=1)
    for kind in (RecordKind.CONTACT, RecordKind.PRODUCT, RecordKind.INVOICE):
        changes = {"first_name": (MARKUP, f"{MARKUP} new"), MARKUP[:30]: (MARKUP, MARKUP)}
        history.record_changes(kind, 1, changes, Origin.QUICKBOOKS, by=person, note=MARKUP)
    connection = Connection.objects.create(
        realm="9130001",
        company_name=MARKUP,
        status=Connection.Status.CONNECTED,
        environment=settings.INTUIT_ENVIRONMENT,
        site_url=settings.SITE_URL,
        connected_at=now,
        connected_by=person,
        invoices_since=now - timedelta(days=1),
        invoices_since_here=now - timedelta(days=1),
        income_account_name=MARKUP,
        fallback_item_name=MARKUP,
        income_accounts=[{"id": "1", "name": MARKUP, "subtype": MARKUP}],
    )
    linked_customer(connection, contact, display_name=MARKUP)
    linked_customer(connection, contact, "59", display_name=MARKUP, is_main=False)
    linked_invoice(connection, invoice=invoice, doc_number=MARKUP)
    aside(connection, label=MARKUP, detail=MARKUP)
    OutboxEntry.objects.create(
        connection=connection,
        kind=RecordKind.CONTACT,
        record_id=1,
        created_at=now,
        not_before=now,
        state=OutboxEntry.State.HELD,
        held_cause="refused",
        held_facts={"detail": MARKUP, "name": MARKUP},
    )
    Run.objects.create(
        pk=1,
        connection=connection,
        kind=Run.Kind.IMPORT,
        trigger=Run.Trigger.PERSON,
        by=person,
        status=Run.Status.FAILED,
        started_at=now,
        finished_at=now,
        message=MARKUP,
    )
    for cause in Cause:
        texts = dict.fromkeys(("reason", "name", "label", "detail", "site_url"), MARKUP)
        facts = texts | {"kind": "contact", "record": 1, "products": [1], "contact": 1, "other": 1}
        attention.open_item(connection, cause, key="1", facts=facts)


def addresses():
    for route, name, entry in EVERY:
        # Links with a key show nothing without a right one; linking by hand asks QuickBooks.
        if not name.endswith("None") and "(?P" not in route and "link" not in name:
            kinds = entry.pattern.converters.items()
            values = {
                key: SAMPLES.get(type(kind).__name__.removesuffix("Converter").lower(), "x")
                for key, kind in kinds
            }
            yield reverse(name, kwargs=values)


def test_markup_in_records_is_text_on_every_page(client, records):
    seen = 0
    for address in addresses():
        for more in ({}, {"q": MARKUP, "other": "1", "said": MARKUP, "sort": MARKUP}):
            response = client.get(address, more, headers={"HX-Request": "true"} if more else {})
            if "text/html" not in response.headers.get("Content-Type", ""):
                continue
            page = response.content.decode()
            for piece in FORBIDDEN:
                assert piece not in page, (address, page[max(0, page.find(piece) - 200) :][:400])
            seen += "onerror=alert(1)" in page

    assert seen > 10
