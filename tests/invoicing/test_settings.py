"""How new invoices are numbered and when they are due is the business's own choice."""

from __future__ import annotations

from decimal import Decimal

from contacts.services.invoicing import Line, create_draft, mark_sent
from tests.crm.pages import form
from tests.factories import UserFactory
from tests.signing_in import sign_in


def test_prefix_number_and_days_are_set_by_an_admin(client, business, contact):
    sign_in(client, UserFactory(admin=True))
    page = form(client.get("/settings/business/"), "invoice_prefix")
    assert (page["invoice_prefix"], page["next_invoice_number"]) == ("NW-", "501")
    client.post(
        "/settings/business/",
        page | {"invoice_prefix": "26/", "next_invoice_number": "7", "payment_days": "10"},
    )
    draft = create_draft(contact, [Line(None, "x", Decimal(1), Decimal(5))])
    assert (draft.due_date - draft.issue_date).days == 10
    assert mark_sent(draft).number == "26/7"


def test_a_number_that_quickbooks_could_not_hold_is_refused(client, business):
    sign_in(client, UserFactory(admin=True))
    page = form(client.get("/settings/business/"), "invoice_prefix")
    for bad in ({"invoice_prefix": "x" * 13}, {"next_invoice_number": "1000000000"}):
        assert client.post("/settings/business/", page | bad).status_code == 200
    business.refresh_from_db()
    assert (business.invoice_prefix, business.next_invoice_number) == ("NW-", 501)
