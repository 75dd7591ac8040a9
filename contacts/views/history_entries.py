"""Changes of a record and of its consent, each as one line in words (R8, R22)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.dateparse import parse_datetime

from contacts.addresses import key_of
from contacts.clock import local
from contacts.display.amounts import plain_amount
from contacts.display.dates import short_date
from contacts.models import ConsentEvent, FieldChange, ProductType, User
from contacts.services import history
from contacts.services.restoring import can_restore

_LABELS = {
    history.CREATED: "Created",
    history.ARCHIVED: "Archived",
    history.MERGED: "Merged",
    "line1": "Address line 1",
    "line2": "Address line 2",
    "line3": "Address line 3",
    "line4": "Address line 4",
    "line5": "Address line 5",
    "region": "State or region",
    "unit_price": "Price",
}
_YES_NO = {"True": "Yes", "False": "No"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `restores`: the change whose former value can be brought back."""

    label: str
    old: str
    new: str
    at: datetime.datetime
    who: str
    notes: tuple[str, ...] = ()
    restores: int | None = None


def entry_of_change(change: FieldChange, record: models.Model) -> Entry:
    restorable = (
        can_restore(change)
        and getattr(record, "type", "") != ProductType.BUNDLE
        and history.as_text(getattr(record, change.field)) != change.old
    )
    return Entry(
        label=label_of(record, change.field),
        old=in_words(record, change.field, change.old),
        new=in_words(record, change.field, change.new),
        at=change.at,
        who=_who(change.by, change.get_side_display(), change.run),
        notes=(change.note,) if change.note else (),
        restores=change.pk if restorable else None,
    )


def entry_of_consent(event: ConsentEvent, contact: models.Model) -> Entry:
    notes = (
        event.reason,
        f"For {event.address}." if event.address != key_of(getattr(contact, "email", "")) else "",
        # Without a person the source itself says who it was.
        event.source if event.by or event.ip else "",
        f"From {event.ip}." if event.ip else "",
    )
    return Entry(
        label=f"Marketing: {event.get_what_display()}",
        old=event.get_old_display(),
        new=event.get_new_display(),
        at=event.at,
        who=_who(event.by, "The contact" if event.ip else event.source, event.run),
        notes=tuple(note for note in notes if note),
    )


def _who(by: User | None, otherwise: str, run: int | None) -> str:
    who = str(by) if by else otherwise or "CRM"
    return f"{who}, run {run}" if run else who


def label_of(record: models.Model, name: str) -> str:
    field = _field(record, name)
    plain = str(field.verbose_name) if field else name.replace("_", " ")
    return _LABELS.get(name) or plain[:1].upper() + plain[1:]


def in_words(record: models.Model, name: str, text: str) -> str:
    field = _field(record, name)
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(text, text))
    if isinstance(field, models.BooleanField) or name == history.ARCHIVED:
        return _YES_NO.get(text, text)
    if isinstance(field, models.DateTimeField) and (instant := parse_datetime(text)):
        there = local(instant)
        return f"{short_date(there.date())}, {there:%H:%M}"
    if isinstance(field, models.DecimalField) and text:
        return plain_amount(Decimal(text))
    return text


def _field(record: models.Model, name: str) -> models.Field[Any, Any] | None:
    try:
        field = record._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None
