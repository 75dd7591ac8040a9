"""What QuickBooks has not got from here when a connection ends (R20)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from contacts.models import RecordKind
from contacts.services.history import MODELS
from integrations.models import Connection, OutboxEntry

SHOWN: Final = 20
"""Records that are named; of more the number is told."""

_WORDS: Final = {
    OutboxEntry.State.WAITING: "waited to be sent",
    OutboxEntry.State.HELD: "was held for a question",
    OutboxEntry.State.IN_FLIGHT: "was on its way: look it up in QuickBooks",
}


@dataclass(frozen=True, slots=True)
class Unsent:
    """A record by name; `url` is "" for a kind without a page."""

    kind: str
    name: str
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class NotSent:
    records: list[Unsent]
    total: int

    @property
    def others(self) -> int:
        return self.total - len(self.records)


def not_sent(connection: Connection) -> NotSent:
    """List it, the oldest first. Six queries at most, whatever waits."""
    waiting = OutboxEntry.objects.filter(connection=connection)
    total = waiting.count()
    entries = list(waiting.order_by("id")[:SHOWN]) if total else []
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        wanted[entry.kind].add(entry.record_id)
    found = {
        kind: MODELS[RecordKind(kind)]._default_manager.in_bulk(ids) for kind, ids in wanted.items()
    }
    return NotSent([_shown(each, found[each.kind].get(each.record_id)) for each in entries], total)


def _shown(entry: OutboxEntry, record: object) -> Unsent:
    address = getattr(record, "get_absolute_url", None)
    return Unsent(
        kind=entry.get_kind_display(),
        name=str(record) if record is not None else f"number {entry.record_id}",
        url=address() if address else "",
        why=_WORDS[OutboxEntry.State(entry.state)],
    )
