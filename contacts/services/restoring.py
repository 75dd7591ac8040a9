"""One click brings back a value that a change replaced (R10)."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from contacts.models import Contact, FieldChange, Product, RecordKind, User
from contacts.services.contacts import update_contact
from contacts.services.history import from_text
from contacts.services.products import update_product


class NotRestorableError(Exception):
    """This entry tells what happened; there is no field of an editable record to bring back."""


def can_restore(change: FieldChange) -> bool:
    """Whether `restore_value` could do something for this entry, as far as the entry tells."""
    return change.field in _editable_fields(RecordKind(change.kind))


def restore_value(change: FieldChange, *, by: User | None = None) -> frozenset[str]:
    """Write the entry's former value into the record, as an edit by a person like any other.

    Repeatable: the second time nothing changes. NotRestorableError where there is nothing to
    bring back; EmailTakenError, NameTakenError and ReadOnlyProductError as when editing.
    """
    if not can_restore(change):
        raise NotRestorableError("This entry holds no value that can be brought back.")
    note = f"Brought back from the change of {change.at:%Y-%m-%d %H:%M} UTC."
    try:
        if change.kind == RecordKind.CONTACT:
            contact = Contact.objects.get(pk=change.record_id)
            return update_contact(contact, {change.field: change.old}, by=by, note=note)
        product = Product.objects.get(pk=change.record_id)
        value = from_text(Product, change.field, change.old)
        return update_product(product, {change.field: value}, by=by, note=note)
    except (Contact.DoesNotExist, Product.DoesNotExist, ValidationError) as error:
        raise NotRestorableError("The record or the value does not exist any more.") from error


def _editable_fields(kind: RecordKind) -> frozenset[str]:
    if kind == RecordKind.CONTACT:
        return frozenset(Contact.SYNCED_FIELDS)
    if kind == RecordKind.PRODUCT:
        # The full name follows the name; the type is settled once and for all.
        return frozenset(Product.SYNCED_FIELDS) - {"full_name", "type"}
    return frozenset()
