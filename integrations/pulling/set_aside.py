"""Skipped and parked objects: kept with their latest content until their reason is gone (R6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from integrations.models import Reason, SetAside
from integrations.pulling.freshness import Versioned
from integrations.pulling.work import Work
from integrations.quickbooks.records import Unreadable

_KEPT_IN_STEP = (
    "reason",
    "detail",
    "label",
    "waits_for",
    "sync_token",
    "remote_updated_at",
    "snapshot",
    "since",
    "run",
)
#: What two rows of one version may say differently.
_SAYS = ("reason", "waits_for", "detail", "snapshot")


@dataclass(frozen=True, slots=True)
class Aside:
    """One object to set aside, and why."""

    record: Versioned
    reason: Reason
    label: str
    waits_for: str = ""
    detail: str = ""


class Asides:
    """What is set aside among a page's objects of one kind; read once, when it is first asked."""

    def __init__(self, work: Work, kind: str, external_ids: Collection[str]) -> None:
        self._work = work
        self._kind = kind
        self._ids = external_ids

    @cached_property
    def _known(self) -> dict[str, SetAside]:
        found = _of(self._work, self._kind, self._ids)
        return {aside.external_id: aside for aside in found}

    def is_unwanted(self, external_id: str) -> bool:
        """Whether a person said not to sync this one (R22)."""
        kept = self._known.get(external_id)
        return kept is not None and kept.reason == Reason.NOT_WANTED

    def is_unclear(self, external_id: str) -> bool:
        """Whether a person was asked which record this is (R11)."""
        kept = self._known.get(external_id)
        return kept is not None and kept.reason == Reason.MATCH_UNCLEAR

    def is_under_way(self, external_id: str) -> bool:
        """Whether it waited for an answer of ours, for it might have been our own (R16)."""
        kept = self._known.get(external_id)
        return kept is not None and kept.reason == Reason.CREATE_UNDER_WAY

    def put(self, asides: Collection[Aside]) -> None:
        """Keep each with its reason; a newer version replaces an older one, never the reverse.

        What a person does not want stays unwanted, whatever else may be the matter with it.
        """
        rows = [
            SetAside(
                connection=self._work.connection,
                kind=self._kind,
                external_id=aside.record.external_id,
                reason=aside.reason,
                detail=aside.detail,
                label=aside.label,
                waits_for=aside.waits_for,
                sync_token=aside.record.sync_token,
                remote_updated_at=aside.record.updated_at,
                snapshot=aside.record.raw,
                since=self._work.now,
                run=self._work.run_id,
            )
            for aside in asides
        ]
        for row in rows:
            if self.is_unwanted(row.external_id):
                row.reason, row.detail = Reason.NOT_WANTED, self._known[row.external_id].detail
        _keep_newer(self._work, rows, self._known if rows else {})

    def let_in(self, external_ids: Collection[str]) -> None:
        """These became records, or never will: nothing is set aside for them any more."""
        ids = [each for each in external_ids if each in self._known]
        if ids:
            _of(self._work, self._kind, ids).delete()


def put_unreadable_aside(work: Work, rows: Collection[Unreadable]) -> None:
    """Keep what could not be mapped, with the sentence that says why; the others go on."""
    for kind in {row.kind for row in rows}:
        mine = [
            SetAside(
                connection=work.connection,
                kind=kind,
                external_id=row.external_id or "",
                reason=Reason.UNREADABLE,
                detail=row.reason,
                sync_token=row.sync_token or 0,
                remote_updated_at=row.updated_at,
                snapshot=row.raw,
                since=work.now,
                run=work.run_id,
            )
            for row in rows
            if row.kind == kind
        ]
        known = _of(work, kind, [row.external_id for row in mine])
        _keep_newer(work, mine, {aside.external_id: aside for aside in known})


def _of(work: Work, kind: str, external_ids: Collection[str]) -> QuerySet[SetAside]:
    return SetAside.objects.filter(
        connection=work.connection, kind=kind, external_id__in=external_ids
    )


def _keep_newer(work: Work, rows: list[SetAside], known: dict[str, SetAside]) -> None:
    fresh: dict[str, SetAside] = {}
    for row in rows:
        kept = known.get(row.external_id)
        if kept is not None and not _says_more(row, kept):
            continue
        if kept is not None and kept.reason == row.reason:
            row.since = kept.since
        fresh[row.external_id] = row
    again = _again(work, rows, known, fresh)
    work.tally.skipped += len(fresh) + len(again)
    work.tally.unchanged += len(rows) - len(fresh) - len(again)
    if again:
        SetAside.objects.filter(pk__in=again).update(run=work.run_id)
    if fresh:
        SetAside.objects.bulk_create(
            fresh.values(),
            update_conflicts=True,
            unique_fields=["connection", "kind", "external_id"],
            update_fields=_KEPT_IN_STEP,
        )


def _again(
    work: Work, rows: list[SetAside], known: dict[str, SetAside], fresh: Collection[str]
) -> list[int]:
    """Those that an earlier run had set aside and this import leaves there."""
    if not work.accounts_for_all:
        return []
    kept = {row.external_id: known[row.external_id] for row in rows if row.external_id not in fresh}
    return [aside.pk for aside in kept.values() if aside.run != work.run_id]


def _says_more(row: SetAside, kept: SetAside) -> bool:
    """As `freshness.is_newer` of what is linked; of one time, anything that differs counts."""
    if row.sync_token != kept.sync_token:
        return row.sync_token > kept.sync_token
    if row.remote_updated_at != kept.remote_updated_at:
        if row.remote_updated_at is None or kept.remote_updated_at is None:
            return True
        return row.remote_updated_at > kept.remote_updated_at
    return any(getattr(row, name) != getattr(kept, name) for name in _SAYS)
