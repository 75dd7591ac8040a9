from __future__ import annotations

from decimal import Decimal

import pytest

from contacts.models import Contact, FieldChange, Origin, Product, RecordKind
from contacts.services import history
from contacts.services.contacts import EmailTakenError, create_contact
from contacts.services.products import ReadOnlyProductError
from contacts.services.restoring import NotRestorableError, can_restore, restore_value

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("unit_price", Decimal("10.0000000"), "10"),
        ("unit_price", Decimal("1E+3"), "1000"),
        ("unit_price", Decimal("0.1230000"), "0.123"),
        ("unit_price", Decimal("0E-7"), "0"),
        ("unit_price", None, ""),
        ("active", True, "True"),
        ("active", False, "False"),
        ("description", "", ""),
        ("description", "two\nlines", "two\nlines"),
    ],
)
def test_a_value_survives_the_history(field, value, text):
    assert history.as_text(value) == text
    assert history.from_text(Product, field, text) == value


def test_r22_a_whole_chunk_of_changes_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        history.record_many(
            [(i, {"phone": ("", str(i)), "city": ("", "Austin")}) for i in range(100)],
            RecordKind.CONTACT,
            Origin.QUICKBOOKS,
            run=7,
        )

    assert FieldChange.objects.filter(run=7, side="quickbooks").count() == 200


def overwritten(record, kind, field, old, new):
    """An entry as a pull leaves it: QuickBooks' value won over the CRM's (R10)."""
    (entry,) = history.record_changes(
        kind, record.pk, {field: (old, new)}, Origin.QUICKBOOKS, run=3
    )
    return entry


def test_r10_one_click_brings_the_crms_value_back(staff, announced):
    contact = create_contact({"first_name": "Jane", "phone": "quickbooks"})
    entry = overwritten(contact, RecordKind.CONTACT, "phone", "crm", "quickbooks")
    announced.clear()

    assert restore_value(entry, by=staff) == {"phone"}
    assert restore_value(entry, by=staff) == frozenset()

    contact.refresh_from_db()
    assert contact.phone == "crm"
    assert [c["fields"] for c in announced] == [{"phone"}]
    latest = history.changes_of(RecordKind.CONTACT, contact.pk)[0]
    assert (latest.old, latest.new, latest.side, latest.by) == ("quickbooks", "crm", "crm", staff)
    assert latest.note.startswith("Brought back from the change of ")


def test_r10_a_price_comes_back_as_a_price(staff):
    product = Product.objects.create(name="A", full_name="A", unit_price=Decimal(5))
    entry = overwritten(product, RecordKind.PRODUCT, "unit_price", Decimal("4.50"), Decimal(5))

    restore_value(entry, by=staff)

    product.refresh_from_db()
    assert product.unit_price == Decimal("4.5")


def test_r10_inactive_comes_back_as_no(staff):
    product = Product.objects.create(name="A", full_name="A", active=True)
    entry = overwritten(product, RecordKind.PRODUCT, "active", False, True)

    restore_value(entry, by=staff)

    product.refresh_from_db()
    assert product.active is False


def test_r5_an_address_that_is_taken_by_now_does_not_come_back(staff):
    contact = create_contact({"email": "new@example.com"})
    entry = overwritten(contact, RecordKind.CONTACT, "email", "old@example.com", "new@example.com")
    create_contact({"email": "old@example.com"})

    with pytest.raises(EmailTakenError):
        restore_value(entry, by=staff)

    contact.refresh_from_db()
    assert contact.email == "new@example.com"


def test_r11_nothing_is_brought_back_into_a_bundle(staff):
    bundle = Product.objects.create(name="B", full_name="B", type="bundle")
    entry = overwritten(bundle, RecordKind.PRODUCT, "name", "A", "B")

    with pytest.raises(ReadOnlyProductError):
        restore_value(entry, by=staff)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("contact", "archived"),
        ("contact", "marketing_status"),
        ("product", "type"),
        ("product", "full_name"),
        ("invoice", "total"),
        ("payment", "amount"),
    ],
)
def test_r8_consent_and_figures_are_never_brought_back(staff, kind, field):
    entry = FieldChange(
        kind=kind, record_id=1, field=field, old="a", new="b", at="2026-11-23T00:00Z"
    )

    assert not can_restore(entry)
    with pytest.raises(NotRestorableError):
        restore_value(entry, by=staff)


def test_an_entry_of_a_record_that_is_gone_says_so(staff):
    contact = create_contact({"phone": "2"})
    entry = overwritten(contact, RecordKind.CONTACT, "phone", "1", "2")
    Contact.objects.all().delete()

    with pytest.raises(NotRestorableError):
        restore_value(entry, by=staff)
