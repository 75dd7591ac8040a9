"""What waits to go to QuickBooks, or is held: the outbox as people see it (R20, R22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import django_filters
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.display.badges import badge
from contacts.listing import Column, Export, when
from contacts.models import RecordKind
from contacts.services.history import MODELS
from integrations.models import OutboxEntry
from integrations.record_states import why_held

_LOOKS: Final = {
    OutboxEntry.State.WAITING: "waiting",
    OutboxEntry.State.IN_FLIGHT: "waiting",
    OutboxEntry.State.HELD: "held",
}
#: Kinds that have a page of their own.
_PAGES: Final = {RecordKind.CONTACT, RecordKind.PRODUCT, RecordKind.INVOICE}


class OutgoingFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(
        choices=OutboxEntry.State.choices, empty_label="Any", label="State"
    )
    kind = django_filters.ChoiceFilter(choices=RecordKind.choices, empty_label="Any", label="Kind")

    class Meta:
        model = OutboxEntry
        fields: tuple[str, ...] = ()


def attach_records(entries: Sequence[OutboxEntry]) -> None:
    """Give each entry its `record`, None for a deleted one. One query per kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        wanted[entry.kind].add(entry.record_id)
    found: dict[str, dict[int, Model]] = {
        kind: MODELS[RecordKind(kind)]._default_manager.in_bulk(ids) for kind, ids in wanted.items()
    }
    for entry in entries:
        entry.record = found[entry.kind].get(entry.record_id)  # type: ignore[attr-defined]


def outgoing_rows(entries: Sequence[OutboxEntry]) -> Iterator[tuple[object, ...]]:
    attach_records(entries)
    for entry in entries:
        why = (
            why_held(entry.held_cause, entry.held_facts)
            if entry.state == OutboxEntry.State.HELD
            else ""
        )
        yield (
            entry.kind,
            entry.record_id,
            _shown(entry),
            entry.state,
            why,
            entry.created_at.isoformat(),
        )


def _shown(entry: OutboxEntry) -> str:
    record = getattr(entry, "record", None)
    return str(record) if record else f"{entry.get_kind_display()} {entry.record_id}, deleted"


def _name(entry: OutboxEntry) -> SafeString:
    if getattr(entry, "record", None) is None or entry.kind not in _PAGES:
        return format_html('<div class="name">{}</div>', _shown(entry))
    address = reverse(str(entry.kind), args=[entry.record_id])
    link = '<div class="name"><a class="row-link" href="{}">{}</a></div>'
    return format_html(link, address, _shown(entry))


def _state(entry: OutboxEntry) -> SafeString:
    tone = _LOOKS[OutboxEntry.State(entry.state)]
    return badge(tone, tone, entry.get_state_display())


def _why(entry: OutboxEntry) -> SafeString:
    held = entry.state == OutboxEntry.State.HELD
    why = why_held(entry.held_cause, entry.held_facts) if held else "It goes with the next sync."
    return format_html('<div class="explained"><span>{}</span></div>', why)


COLUMNS: Final = (
    Column("record", "Record", _name),
    Column("kind", "Kind", lambda entry: format_html("{}", entry.get_kind_display()), hide="phone"),
    Column("state", "State", _state),
    Column("why", "Why", _why),
    Column("since", "Since", when("created_at"), sort="created_at", hide="phone"),
)
EXPORT: Final = Export("outgoing", ("kind", "id", "name", "state", "why", "since"), outgoing_rows)
