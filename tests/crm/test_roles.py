"""Records are everybody's: what staff may see and do, an admin may, and the other way round."""

from __future__ import annotations

import pytest

from contacts.models import Contact, FieldChange, Origin, Product, RecordKind
from contacts.services import history
from tests.crm.pages import form
from tests.factories import BusinessFactory, ContactFactory, InvoiceFactory, ProductFactory
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["staff", "admin"])
def either(request, client, staff, admin):
    """The browser of one of them."""
    BusinessFactory()
    return sign_in(client, {"staff": staff, "admin": admin}[request.param])


def test_either_sees_every_record_and_list_and_takes_each_list_along(either):
    invoice, product = InvoiceFactory(sent=True), ProductFactory()
    contact = invoice.contact_id
    pages = [
        *("/contacts/", "/contacts/new/", f"/contacts/{contact}/", f"/contacts/{contact}/edit/"),
        f"/contacts/{contact}/merge/",
        *("/products/", "/products/new/", f"/products/{product.pk}/"),
        *(f"/products/{product.pk}/edit/", "/invoices/", f"/invoices/{invoice.pk}/"),
        *(f"/{each}/?format=csv" for each in ("contacts", "products", "invoices")),
    ]

    assert {page: either.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_either_adds_edits_restores_merges_and_archives_contacts(either):
    either.post("/contacts/new/", {"first_name": "Jane", "email": "jane@example.com"})
    jane = Contact.objects.get()
    edit = form(either.get(f"/contacts/{jane.pk}/edit/"), "phone")
    either.post(f"/contacts/{jane.pk}/edit/", edit | {"phone": "2"})
    (entry,) = history.record_changes(
        RecordKind.CONTACT, jane.pk, {"phone": ("1", "2")}, Origin.QUICKBOOKS
    )
    either.post(f"/history/{entry.pk}/restore/")
    either.post(f"/contacts/{jane.pk}/merge/", {"other": ContactFactory().pk})
    either.post(f"/contacts/{jane.pk}/archive/")

    jane = Contact.objects.get()
    assert (jane.phone, bool(jane.archived_at)) == ("1", True)
    assert FieldChange.objects.filter(field="merged").exists()


def test_either_adds_edits_and_archives_products(either):
    either.post("/products/new/", {"name": "Oak table", "type": "service", "unit_price": "9"})
    oak = Product.objects.get()
    edit = form(either.get(f"/products/{oak.pk}/edit/"), "sku")
    either.post(f"/products/{oak.pk}/edit/", edit | {"sku": "B"})
    either.post(f"/products/{oak.pk}/archive/")

    oak.refresh_from_db()
    assert (oak.sku, bool(oak.archived_at)) == ("B", True)
