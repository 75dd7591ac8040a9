"""Working through an import: as much as a task may, then the rest in its successor."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from datetime import datetime
from typing import Final

from django.db import DataError, IntegrityError, transaction
from django.db import connection as database
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from integrations import bookkeeping, company_settings, leases, tokens
from integrations.importing.finish import finish
from integrations.importing.former_values import lay_former_values_apart
from integrations.importing.read_ahead import pages
from integrations.models import Connection, ImportProgress, ImportSeen, Lease, Run, SetAside
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.pages import PLACE, PageRead
from integrations.pulling.work import Tally, Work
from integrations.quickbooks import faults
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
    working = Connection.objects.working().filter(pk=run.connection_id)
    if run.status != Run.Status.RUNNING or not working.exists():
        return
    held = leases.take(run.connection_id, Lease.Name.PULL, LEASE_SECONDS)
    if held is None:
        return
    try:
        successor = _work(held, run)
    finally:
        held.release()
    # Only now: a worker that starts at once must find the lease free.
    async_task(*successor)


def _work(held: leases.Held, run: Run) -> tuple[str, int]:
    """Work as long as a task may; returns the task that goes on, and its argument."""
    until = time.monotonic() + WORK_SECONDS
    with open_api(run.connection, background=True) as session:
        try:
            if run.read_from is None:
                if run.kind == Run.Kind.RESET:
                    _refresh_connection(run.connection, session)
                _read_books(run.connection, session)
                lay_former_values_apart(run.connection)
            for progress in run.progress.filter(finished_at=None):
                _import_kind(held, run, session, progress, until)
            finish(held, run)
        except NotFinished:
            return "integrations.tasks.continue_import", run.pk
        finally:
            Run.objects.filter(pk=run.pk).update(api_calls=F("api_calls") + session.calls)
    return "integrations.tasks.pull", run.connection_id


def _refresh_connection(connection: Connection, session: Session) -> None:
    """R19: a reset begins with fresh tokens and company settings."""
    tokens.refresh(connection, connection.access_token)
    company_settings.store(connection, company_settings.read(session))


def _read_books(connection: Connection, session: Session) -> None:
    """R12, R17: the card tells at once what is missing; the import itself needs none of it."""
    with suppress(faults.Rejected):
        bookkeeping.read(session, connection)


def _import_kind(
    held: leases.Held, run: Run, session: Session, progress: ImportProgress, until: float
) -> None:
    if progress.started_at is None:
        progress.total = session.call(lambda api: api.count(count_of(progress.kind)))
        progress.started_at = timezone.now()
        progress.save(update_fields=["total", "started_at"])
    while True:
        in_order = _read_list(held, run, session, progress, until)
        # facts 5.9: rows move between pages while one pages; order and count tell. What was added
        # since the count is at the list's end or changed since then, so that the next pull has it.
        seen = progress.seen.count()
        if in_order and seen == progress.total:
            break
        there = session.call(lambda api: api.count(count_of(progress.kind)))
        if (in_order and seen >= there) or progress.rereads >= MOST_REREADS:
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
        # Rows that this reading produced after all, or that stand elsewhere in the list now.
        SetAside.objects.filter(
            connection=run.connection, kind=progress.kind, external_id__startswith=PLACE
        ).exclude(run=run.pk).delete()


def _read_list(
    held: leases.Held, run: Run, session: Session, progress: ImportProgress, until: float
) -> bool:
    """Read the list from the saved place to its end; False as soon as a row has moved.

    It is read anew then, at once: another task, which reads on from here, would not know of it.
    Only the last reading takes the list as it comes.
    """
    last = None
    with closing(pages(session, progress.kind, progress.next_position, progress.total)) as upcoming:
        for page in upcoming:
            follows = _follows(progress, page, last)
            if not follows and progress.rereads < MOST_REREADS:
                return False
            # The first row was written with the page before.
            known = follows and page.start > 1 and page.start not in page.bad_places
            last = _write_page(held, run, progress, page, page.rows[known:]) or last
            if time.monotonic() > until:
                raise NotFinished
    return True


def _follows(progress: ImportProgress, page: PageRead, last: str | None) -> bool:
    """Whether the page begins with the last row of the page before."""
    if page.start == 1 or page.start in page.bad_places:
        return True
    first = _id_of(page.rows[0]) if page.rows else None
    if last is not None:
        return first == last
    # Another task read the page before.
    return progress.seen.filter(external_id=first).exists()


def _id_of(row: bytes) -> str | None:
    stub = read_stub(row)
    return stub.external_id if stub else None


def _write_page(
    held: leases.Held, run: Run, progress: ImportProgress, page: PageRead, rows: list[bytes]
) -> str | None:
    """Write the page; returns the id of its last row. A row the database refuses is set aside."""
    try:
        return _commit_page(held, run, progress, page, rows, trusting=True)
    except (DataError, IntegrityError):
        return _commit_page(held, run, progress, page, rows, trusting=False)


def _commit_page(
    held: leases.Held,
    run: Run,
    progress: ImportProgress,
    page: PageRead,
    rows: list[bytes],
    *,
    trusting: bool,
) -> str | None:
    """The page's rows, its place and its counts, in one transaction that only the holder commits.

    Two statements besides those that its rows take.
    """
    mapped = Rows.of({progress.kind: rows})
    mapped.unreadable += page.unreadable()
    with transaction.atomic():
        held.guard(extend=LEASE_SECONDS)
        work = Work(run.connection, run.pk, timezone.now(), accounts_for_all=True)
        apply_rows(work, mapped, trusting=trusting)
        # The next page begins with this one's last row, also after a crash at the list's end.
        place = page.start + max(len(page.rows) + len(page.bad_places) - 1, 0)
        begun = run.read_from or page.time
        _save_place(progress, place, mapped.external_ids, work.tally, begun)
    # Only what is committed counts.
    run.read_from = begun
    progress.next_position = place
    return next(filter(None, map(_id_of, reversed(rows))), None)


def _save_place(
    progress: ImportProgress, place: int, ids: list[str], tally: Tally, begun: datetime | None
) -> None:
    """Note the page's ids, and count those that had not been read before. One statement.

    `begun` is Intuit's clock at the import's first answer, kept with its first page.
    """
    with database.cursor() as cursor:
        cursor.execute(
            f"WITH new AS (INSERT INTO {ImportSeen._meta.db_table} (progress_id, external_id)"  # noqa: S608 (our names)
            " SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING RETURNING 1),"
            f" begun AS (UPDATE {Run._meta.db_table} SET read_from = %s"
            " WHERE id = %s AND read_from IS NULL)"
            f" UPDATE {ImportProgress._meta.db_table} SET next_position = %s,"
            " done = done + (SELECT count(*) FROM new),"
            " created = created + %s, updated = updated + %s,"
            " unchanged = unchanged + %s, skipped = skipped + %s WHERE id = %s",
            [
                progress.pk,
                ids,
                begun,
                progress.run_id,
                place,
                tally.created,
                tally.updated,
                tally.unchanged,
                tally.skipped,
                progress.pk,
            ],
        )
