"""Every change of a record's fields leaves an entry: from, to, which side, when, by whom (R22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from contacts.models import (
    Contact,
    FieldChange,
    Invoice,
    Origin,
    Payment,
    Product,
    RecordKind,
    User,
)

#: The model behind each kind of record.
MODELS: dict[RecordKind, type[models.Model]] = {
    RecordKind.CONTACT: Contact,
    RecordKind.PRODUCT: Product,
    RecordKind.INVOICE: Invoice,
    RecordKind.PAYMENT: Payment,
}

#: Entries that tell what happened to the whole record rather than to one of its columns.
ARCHIVED = "archived"
MERGED = "merged"
CREATED = "created"


def as_text(value: object) -> str:
    """A field's value as the history keeps it; `from_text` reads it back."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        plain = format(value, "f")
        return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain
    return str(value)


def from_text(model: type[models.Model], name: str, text: str) -> object:
    """The value of the model's field that `as_text` wrote. ValidationError when it is none."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise ValidationError(f"{name} is no field of its own.")
    if text == "" and field.null:
        return None
    return field.to_python(text)


def record_changes(
    kind: RecordKind,
    record_id: int,
    changes: Mapping[str, tuple[object, object]],
    side: Origin,
    by: User | None = None,
    run: int | None = None,
    note: str = "",
) -> list[FieldChange]:
    """Write one entry per field of `changes`, `{field: (old, new)}`, in a single statement.

    Call it in the transaction that changes the record.
    """
    return record_many([(record_id, changes)], kind, side, by=by, run=run, note=note)


def record_many(
    records: Iterable[tuple[int, Mapping[str, tuple[object, object]]]],
    kind: RecordKind,
    side: Origin,
    by: User | None = None,
    run: int | None = None,
    note: str = "",
) -> list[FieldChange]:
    """The same for many records of one kind: `(record id, {field: (old, new)})`, one statement."""
    now = timezone.now()
    return FieldChange.objects.bulk_create(
        FieldChange(
            kind=kind,
            record_id=record_id,
            field=field,
            old=as_text(old),
            new=as_text(new),
            side=side,
            at=now,
            by=by,
            run=run,
            note=note,
        )
        for record_id, changes in records
        for field, (old, new) in changes.items()
    )


def changes_of(kind: RecordKind, record_id: int) -> models.QuerySet[FieldChange]:
    """The record's entries, newest first, with the people who made them."""
    return (
        FieldChange.objects.filter(kind=kind, record_id=record_id)
        .select_related("by")
        .order_by("-id")
    )
