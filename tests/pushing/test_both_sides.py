"""Invoices and payments changed on both sides; each was a random history once (R10, R18)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import Contact, FieldChange, Invoice, Product
from contacts.services import invoicing
from contacts.services.invoicing import Line
from integrations.models import InvoiceLink


@pytest.fixture
def sent(connected):
    """An invoice of the CRM over 100 that is in QuickBooks."""
    connected.customer()
    connected.item("Consulting", "100.00")
    connected.pull()
    line = Line(Product.objects.get(name="Consulting"), "Advice", Decimal(1), Decimal(100))
    draft = invoicing.create_draft(Contact.objects.get(), [line], currency="USD")
    invoicing.mark_sent(draft)
    connected.work()
    return Invoice.objects.get()


def there(world, invoice):
    wanted = InvoiceLink.objects.get(invoice=invoice).external_id
    rows = world.emulator.store(world.realm)["Invoice"]
    return next(row for row in rows if row["Id"] == wanted)


def test_r10_memo_that_gives_way_to_quickbooks_stays_in_history(connected, sent):
    connected.change("Invoice", there(connected, sent), CustomerMemo={"value": "theirs"})
    invoicing.update_invoice(sent, {"memo": "ours"})
    connected.work()

    sent.refresh_from_db()
    assert sent.memo == there(connected, sent)["CustomerMemo"]["value"] == "theirs"
    assert FieldChange.objects.filter(field="memo", old="ours", new="theirs").count() == 1
