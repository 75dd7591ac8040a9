"""Skipped and parked objects: kept with their latest content until their reason is gone (R6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from integrations.models import Reason, SetAside
from integrations.pulling.freshness import Versioned
from integrations.pulling.work import Work
from integrations.quickbooks.records import Unreadable


@dataclass(frozen=True, slots=True)
class Aside:
    """One object to set aside, and why."""

    record: Versioned
    reason: Reason
    label: str
    waits_for: str = ""
    detail: str = ""


def put_aside(work: Work, asides: Collection[Aside]) -> None:
    """Keep each with its reason; a newer version replaces an older one, never the reverse."""
    _upsert(
        work,
        [
            SetAside(
                connection=work.connection,
                kind=aside.record.entity,
                external_id=aside.record.external_id,
                reason=aside.reason,
                detail=aside.detail,
                label=aside.label,
                waits_for=aside.waits_for,
                sync_token=aside.record.sync_token,
                remote_updated_at=aside.record.updated_at,
                snapshot=aside.record.raw,
                since=work.now,
                run=work.run_id,
            )
            for aside in asides
        ],
    )


def put_unreadable_aside(work: Work, rows: Collection[Unreadable]) -> None:
    """Keep what could not be mapped, with the sentence that says why; the others go on."""
    _upsert(
        work,
        [
            SetAside(
                connection=work.connection,
                kind=row.kind,
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
        ],
    )


def let_in(work: Work, entity: str, external_ids: Collection[str]) -> None:
    """These became records (or will never): nothing is set aside for them any more."""
    if external_ids:
        SetAside.objects.filter(
            connection=work.connection, kind=entity, external_id__in=external_ids
        ).delete()


def waiting_for(work: Work, entity: str, external_ids: Collection[str]) -> list[SetAside]:
    """What was parked for these objects and may be tried again."""
    if not external_ids:
        return []
    return list(
        SetAside.objects.filter(
            connection=work.connection, kind=entity, waits_for__in=external_ids
        ).order_by("id")
    )


def _upsert(work: Work, rows: list[SetAside]) -> None:
    fresh = _news_among(work, rows) if rows else []
    work.tally.unchanged += len(rows) - len(fresh)
    work.tally.skipped += len(fresh)
    if fresh:
        SetAside.objects.bulk_create(
            fresh,
            update_conflicts=True,
            unique_fields=["connection", "kind", "external_id"],
            update_fields=[
                "reason",
                "detail",
                "label",
                "waits_for",
                "sync_token",
                "remote_updated_at",
                "snapshot",
                "since",
                "run",
            ],
        )


def _news_among(work: Work, rows: list[SetAside]) -> list[SetAside]:
    known = {
        (aside.kind, aside.external_id): aside
        for aside in SetAside.objects.filter(
            connection=work.connection,
            kind__in={row.kind for row in rows},
            external_id__in=[row.external_id for row in rows],
        ).defer("snapshot")
    }
    fresh = {}
    for row in rows:
        key = (row.kind, row.external_id)
        kept = known.get(key)
        if kept is None or _says_more(row, kept):
            fresh[key] = row
    return list(fresh.values())


def _says_more(row: SetAside, kept: SetAside) -> bool:
    if row.sync_token != kept.sync_token:
        return row.sync_token > kept.sync_token
    same_age = row.remote_updated_at == kept.remote_updated_at
    return not same_age or (row.reason, row.waits_for) != (kept.reason, kept.waits_for)
