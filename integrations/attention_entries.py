"""Open items as pages show them: in words, with what they are about and what to press (R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.text import capfirst

from contacts.models import RecordKind
from integrations import attention, outbox
from integrations.attention_choices import Choice, choices_of
from integrations.attention_wording import WORDING, Button, buttons, remedy, sentence
from integrations.models import Attention, Cause

#: Causes whose items are about one record, and are shown on its page too.
_OF_A_RECORD = (Cause.PUSH_HELD, Cause.NOT_TAKEN, Cause.OTHER_TOTAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a page shows it."""

    item: Attention
    icon: str
    title: str
    sentence: str
    remedy: str
    buttons: list[Button]
    choices: list[Choice]
    #: The choices are what the item is about, with nothing to choose.
    about: bool
    #: Staff see what only an admin can do, and are told so.
    needs_admin: bool


def entries_of(items: Sequence[Attention], *, admin: bool) -> list[Entry]:
    """The items in their order. Their connections must be loaded."""
    choices = choices_of(items)
    return [_entry(item, choices.get(item.pk, []), admin) for item in items]


def entries_about(kind: RecordKind, record_id: int, *, admin: bool) -> list[Entry]:
    """What a person has to settle about one record, or about what has to go to QuickBooks before
    it. Two queries where there is nothing."""
    names = {outbox.named(kind, record_id), *outbox.waited_for(kind, record_id)}
    about = Q(cause__in=_OF_A_RECORD, key__in=names)
    if kind == RecordKind.CONTACT:
        about |= Q(cause=Cause.MERGE_CONTACTS, key=str(record_id))
    return [
        _entry(item, _others(item, kind, record_id), admin)
        for item in attention.shown_items().filter(about)
    ]


def _others(item: Attention, kind: RecordKind, record_id: int) -> list[Choice]:
    """The records that the item names besides the one whose page it stands on."""
    choices = choices_of([item])[item.pk]
    if item.key != outbox.named(kind, record_id):
        return choices
    return [each for each in choices if each.pk != record_id]


def _entry(item: Attention, choices: list[Choice], admin: bool) -> Entry:
    pressable = buttons(item, admin=admin)
    return Entry(
        item,
        WORDING[item.cause].icon,
        capfirst(item.get_cause_display()),
        sentence(item),
        remedy(item),
        pressable,
        choices,
        about=bool(choices) and not any(button.choices for button in pressable),
        needs_admin=not pressable,
    )
