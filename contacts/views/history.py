"""A record's history as its page shows it, and the click that brings a value back (R10, R22)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from contacts.clock import local
from contacts.display.amounts import plain_amount
from contacts.display.dates import short_date
from contacts.models import Contact, FieldChange, Product, ProductType, RecordKind
from contacts.services import history
from contacts.services.contacts import EmailTakenError
from contacts.services.products import NameTakenError, ReadOnlyProductError
from contacts.services.restoring import NotRestorableError, can_restore, restore_value
from contacts.views.signed_in import person_of

ENTRIES_AT_ONCE = 20

#: Records of which a value can be brought back.
_WITH_VALUES = (RecordKind.CONTACT, RecordKind.PRODUCT)

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
    """One change in words. `restorable`: its former value differs from what is stored now."""

    change: FieldChange
    label: str
    old: str
    new: str
    restorable: bool


def history_of(request: HttpRequest, kind: RecordKind, record: models.Model) -> dict[str, Any]:
    """What `history/table.html` shows: the newest entries, or those before `?before=`."""
    changes = history.changes_of(kind, record.pk)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        changes = changes.filter(pk__lt=int(before))
    page = list(changes[: ENTRIES_AT_ONCE + 1])
    shown = page[:ENTRIES_AT_ONCE]
    return {
        "entries": [_entry(change, record) for change in shown],
        "older_than": shown[-1].pk if len(page) > ENTRIES_AT_ONCE else None,
        "newest_shown": not before,
    }


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back the value that this change replaced, then show the record."""
    change = get_object_or_404(FieldChange, pk=pk, kind__in=_WITH_VALUES)
    record: Contact | Product
    if change.kind == RecordKind.CONTACT:
        record = get_object_or_404(Contact, pk=change.record_id)
    else:
        record = get_object_or_404(Product, pk=change.record_id)
    label = _label(record, change.field)
    try:
        changed = restore_value(change, by=person_of(request))
    except EmailTakenError as error:
        sentence = format_html(
            'That address belongs to <a href="{}">{}</a> by now.',
            error.holder.get_absolute_url(),
            error.holder,
        )
        messages.error(request, sentence)
    except NameTakenError as error:
        sentence = format_html(
            'The product <a href="{}">{}</a> has that name by now.',
            error.holder.get_absolute_url(),
            error.holder,
        )
        messages.error(request, sentence)
    except ReadOnlyProductError:
        messages.error(request, "Bundles are changed in QuickBooks only.")
    except NotRestorableError:
        messages.error(request, "There is no earlier value here that could be brought back.")
    else:
        if changed:
            messages.success(
                request, f"{label} is “{_words(record, change.field, change.old)}” again."
            )
        else:
            messages.info(request, f"{label} has that value already.")
    return redirect(record)


def _entry(change: FieldChange, record: models.Model) -> Entry:
    return Entry(
        change=change,
        label=_label(record, change.field),
        old=_words(record, change.field, change.old),
        new=_words(record, change.field, change.new),
        restorable=can_restore(change)
        and getattr(record, "type", "") != ProductType.BUNDLE
        and history.as_text(getattr(record, change.field)) != change.old,
    )


def _field(record: models.Model, name: str) -> models.Field[Any, Any] | None:
    try:
        field = record._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _label(record: models.Model, name: str) -> str:
    field = _field(record, name)
    plain = str(field.verbose_name) if field else name.replace("_", " ")
    return _LABELS.get(name) or plain[:1].upper() + plain[1:]


def _words(record: models.Model, name: str, text: str) -> str:
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
