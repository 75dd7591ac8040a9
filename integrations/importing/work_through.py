"""Working through an import: as much as a task may, then the rest in its successor."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Final

from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from integrations import company_settings, leases, tokens
from integrations.importing.finish import finish
from integrations.importing.read_ahead import pages
from integrations.models import Connection, ImportProgress, ImportSeen, Lease, Run
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.pages import PageRead
from integrations.pulling.work import Work
from integrations.quickbooks.mapping import read_stub
from integrations.quickbooks.query import count_of
from integrations.session import Session, open_api

WORK_SECONDS: Final = 45.0
LEASE_SECONDS: Final = 180.0
#: A list that moves under every reading is taken as it is after this many.
MOST_REREADS: Final = 3


class NotFinished(Exception):
    """The task's time is up; the place is saved."""


def continue_import(run_id: int) -> None:
    """Go on with an import from its saved place; returns at once if another worker is at it.

    Raises QuickBooksError when QuickBooks cannot be asked; the run stays open and is resumed.
    """
    run = Run.objects.select_related("connection").get(pk=run_id)
    if run.status != Run.Status.RUNNING:
        return
    held = leases.take(run.connection_id, Lease.Name.PULL, LEASE_SECONDS)
    if held is None:
        return
    until = time.monotonic() + WORK_SECONDS
    try:
        with open_api(run.connection, background=True) as session:
            try:
                if run.kind == Run.Kind.RESET and run.read_from is None:
                    _refresh_connection(run.connection, session)
                for progress in run.progress.filter(finished_at=None):
                    _import_kind(held, run, session, progress, until)
                finish(held, run)
            except NotFinished:
                async_task("integrations.tasks.continue_import", run_id)
            finally:
                Run.objects.filter(pk=run_id).update(api_calls=F("api_calls") + session.calls)
    finally:
        held.release()


def _refresh_connection(connection: Connection, session: Session) -> None:
    """R19: a reset begins with fresh tokens and company settings."""
    tokens.refresh(connection, connection.access_token)
    company_settings.store(connection, company_settings.read(session))


def _import_kind(
    held: leases.Held, run: Run, session: Session, progress: ImportProgress, until: float
) -> None:
    if progress.started_at is None:
        progress.total = session.call(lambda api: api.count(count_of(progress.kind)))
        progress.started_at = timezone.now()
        progress.save(update_fields=["total", "started_at"])
    while True:
        _read_list(held, run, session, progress, until)
        there = session.call(lambda api: api.count(count_of(progress.kind)))
        seen = progress.seen.count()
        # facts 5.9: rows move between pages while one pages; the count tells.
        if seen >= there or progress.rereads >= MOST_REREADS:
            break
        progress.total, progress.next_position = there, 1
        progress.rereads += 1
        progress.save(update_fields=["total", "next_position", "rereads"])
    with transaction.atomic():
        held.guard()
        ImportProgress.objects.filter(pk=progress.pk).update(
            finished_at=timezone.now(), total=F("done")
        )
        progress.seen.all().delete()


def _read_list(
    held: leases.Held, run: Run, session: Session, progress: ImportProgress, until: float
) -> None:
    with closing(pages(session, progress.kind, progress.next_position, progress.total)) as upcoming:
        for page in upcoming:
            _write_page(held, run, progress, page)
            if time.monotonic() > until:
                raise NotFinished


def _write_page(held: leases.Held, run: Run, progress: ImportProgress, page: PageRead) -> None:
    """One page, its place and its counts, in one transaction that only the lease holder commits."""
    held.extend(LEASE_SECONDS)
    rows = Rows.of({progress.kind: page.rows})
    rows.unreadable += page.unreadable()
    with transaction.atomic():
        held.guard()
        work = Work(run.connection, run.pk, timezone.now())
        apply_rows(work, rows)
        done = _remember_seen(progress, page)
        if run.read_from is None and page.time is not None:
            run.read_from = page.time
            run.save(update_fields=["read_from"])
        progress.next_position = page.start + len(page.rows) + len(page.bad_places)
        ImportProgress.objects.filter(pk=progress.pk).update(
            next_position=progress.next_position,
            done=F("done") + done,
            created=F("created") + work.tally.created,
            updated=F("updated") + work.tally.updated,
            unchanged=F("unchanged") + work.tally.unchanged,
            skipped=F("skipped") + work.tally.skipped,
        )


def _remember_seen(progress: ImportProgress, page: PageRead) -> int:
    """Note the page's ids; returns how many had not been read before."""
    ids = [stub.external_id for stub in map(read_stub, page.rows) if stub]
    ids += [f"place-{place}" for place in page.bad_places]
    with database.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ImportSeen._meta.db_table} (progress_id, external_id)"
            " SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
            [progress.pk, ids],
        )
        new: int = cursor.rowcount
        return new
