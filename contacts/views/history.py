"""A record's history as its page shows it, and the click that brings a value back (R10, R22)."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from contacts.models import ConsentEvent, Contact, FieldChange, Product, RecordKind
from contacts.services import history
from contacts.services.consent import history as consent_history
from contacts.services.contacts import EmailTakenError
from contacts.services.products import NameTakenError, ReadOnlyProductError
from contacts.services.restoring import NotRestorableError, restore_value
from contacts.views.history_entries import entry_of_change, entry_of_consent, in_words, label_of
from contacts.views.signed_in import person_of

ENTRIES_AT_ONCE = 20

#: Records of which a value can be brought back.
_WITH_VALUES = (RecordKind.CONTACT, RecordKind.PRODUCT)

#: Before which change and which event of consent a page begins.
_PLACE = re.compile(r"(\d{1,18})\.(\d{1,18})")
_NEWEST = (10**18 - 1, 10**18 - 1)


def history_of(request: HttpRequest, kind: RecordKind, record: models.Model) -> dict[str, Any]:
    """What `records/history.html` shows: the newest entries, or those before `?before=`.

    What happened to consent belongs to an address; it stands among the changes of the contact.
    """
    place = _PLACE.fullmatch(request.GET.get("before", ""))
    change_id, event_id = map(int, place.groups()) if place else _NEWEST
    number = ENTRIES_AT_ONCE + 1
    found: list[Iterable[FieldChange | ConsentEvent]] = [
        history.changes_of(kind, record.pk).filter(pk__lt=change_id)[:number]
    ]
    if isinstance(record, Contact):
        found.append(consent_history.of_contact(record).filter(pk__lt=event_id)[:number])
    newest_first = heapq.merge(*found, key=lambda one: one.at, reverse=True)
    page = list(islice(newest_first, number))
    shown = page[:ENTRIES_AT_ONCE]
    for one in shown:
        if isinstance(one, ConsentEvent):
            event_id = one.pk
        else:
            change_id = one.pk
    return {
        "entries": [
            entry_of_consent(one, record)
            if isinstance(one, ConsentEvent)
            else entry_of_change(one, record)
            for one in shown
        ],
        "older_than": f"{change_id}.{event_id}" if len(page) > ENTRIES_AT_ONCE else None,
        "newest_shown": place is None,
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
    label = label_of(record, change.field)
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
                request, f"{label} is “{in_words(record, change.field, change.old)}” again."
            )
        else:
            messages.info(request, f"{label} has that value already.")
    return redirect(record)
