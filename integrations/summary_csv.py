"""What a run did as CSV, record by record: created, updated, skipped, what it replaced (R3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from django.http import StreamingHttpResponse

from contacts.listing.exports import as_csv, chunks
from contacts.models import FieldChange, RecordKind
from contacts.services.history import CREATED, MODELS
from integrations.import_progress import NOUNS
from integrations.models import Run, SetAside

COLUMNS: Final = ("result", "kind", "id", "quickbooks_id", "name", "field", "old", "new", "note")


def summary_csv(run: Run) -> StreamingHttpResponse:
    """The run's rows, streamed in constant memory. One row per created record, per changed field
    and per skipped object."""
    response = StreamingHttpResponse(_lines(run), content_type="text/csv; charset=utf-8")
    name = f"{run.kind}-{run.started_at:%Y-%m-%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(run: Run) -> Iterator[str]:
    yield as_csv([COLUMNS])
    for changes in chunks(FieldChange.objects.filter(run=run.pk)):
        yield as_csv(_changed(changes))
    skipped = SetAside.objects.filter(connection=run.connection_id, run=run.pk)
    for asides in chunks(skipped.defer("snapshot")):
        yield as_csv(map(_skipped, asides))


def _skipped(aside: SetAside) -> tuple[object, ...]:
    why = f"{aside.get_reason_display()}. {aside.detail}".strip()
    noun = NOUNS.get(aside.kind, (aside.kind, ""))[0]
    return "skipped", noun, "", aside.external_id, aside.label, "", "", "", why


def _changed(changes: Sequence[FieldChange]) -> Iterator[tuple[object, ...]]:
    names = _names(changes)
    for change in changes:
        who = (change.kind, change.record_id, "", names.get((change.kind, change.record_id), ""))
        if change.field == CREATED:
            yield "created", *who, "", "", "", change.note or change.new
        else:
            yield "updated", *who, change.field, change.old, change.new, change.note


def _names(changes: Sequence[FieldChange]) -> dict[tuple[str, int], str]:
    """What the changed records are called now; a deleted one has no name any more."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        wanted[change.kind].add(change.record_id)
    return {
        (kind, pk): str(record)
        for kind, ids in wanted.items()
        for pk, record in MODELS[RecordKind(kind)]._default_manager.in_bulk(ids).items()
    }
