"""What django-q2 calls: ids in, a few lines, errors where they can be acted on.

A task is a wake-up, never the owner of state: what it does not finish, the tick resumes.
"""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django_q.tasks import async_task

from integrations import (
    bookkeeping,
    copies,
    gate,
    importing,
    leases,
    outbox,
    session,
    settling,
    tidying,
    tokens,
)
from integrations.importing.failure import import_failed
from integrations.importing.work_through import continue_import as work_through
from integrations.models import Connection, Run
from integrations.pulling import pull as pulling
from integrations.pushing import push as pushing
from integrations.pushing import sweep as sweeping
from integrations.pushing.outcome import SELF_HEALING
from integrations.quickbooks import faults

log = logging.getLogger(__name__)

#: The tick is due every minute; it ends a little before the next one.
_TICK_SECONDS = 55.0
#: The connection went away, or another worker went on: nothing is left to do here.
_NOT_OURS = (leases.LeaseLost, tokens.NotConnected, session.NotAtHome, faults.ReconnectNeeded)


def pull(connection_id: int, trigger: str = Run.Trigger.WEBHOOK) -> None:
    """Bring in what changed, until no wish is left."""
    _pull(connection_id, trigger)
    _nudge_import(connection_id)


def _pull(connection_id: int, trigger: str) -> bool:
    try:
        return pulling.pull(connection_id, Run.Trigger(trigger))
    except _NOT_OURS as exc:
        log.info("pull of connection %s stopped: %s", connection_id, type(exc).__name__)
    except faults.QuickBooksError as exc:
        gate.back_off(connection_id, gate.seconds_after(exc))
        log.warning("pull of connection %s: %s", connection_id, exc)
    return False


def settle_questions(connection_id: int, contact_id: int | None = None) -> None:
    """See which questions to people a change here has answered."""
    connection = Connection.objects.live().filter(pk=connection_id).first()
    if connection is not None:
        settling.settle_questions(connection, contact_id)


def push(connection_id: int) -> None:
    """Send what was edited here, until nothing is left that may go."""
    try:
        pushing.push(connection_id)
    except _NOT_OURS as exc:
        log.info("push of connection %s stopped: %s", connection_id, type(exc).__name__)
    except faults.Transient as exc:
        log.warning("push of connection %s waits: %s", connection_id, exc)
    except faults.QuickBooksError as exc:
        gate.back_off(connection_id, gate.seconds_after(exc))
        log.warning("push of connection %s: %s", connection_id, exc)


def continue_import(run_id: int) -> None:
    """Go on with an import; one that QuickBooks refuses for good waits for a person."""
    try:
        work_through(run_id)
    except _NOT_OURS as exc:
        log.info("import %s stopped: %s", run_id, type(exc).__name__)
    except faults.Transient as exc:
        log.warning("import %s waits: %s", run_id, exc)
    except faults.UnexpectedAnswer as exc:
        # A proxy's error page comes with any status; the next answer may be QuickBooks' own.
        gate.back_off(Run.objects.get(pk=run_id).connection_id, gate.seconds_after(exc))
        log.warning("import %s waits: %s", run_id, exc)
    except faults.QuickBooksError as exc:
        import_failed(run_id, exc)
        log.warning("import %s failed: %s", run_id, exc)


def sweep(connection_id: int, number: int = 0, after: int = 0) -> None:
    """Enqueue what is unsent and has no entry; go on in another task where it takes long."""
    connection = Connection.objects.working().filter(pk=connection_id).first()
    place = sweeping.sweep(connection, number, after) if connection else None
    if place is not None:
        async_task("integrations.tasks.sweep", connection_id, *place)


def read_company(connection_id: int) -> None:
    """Read the company's settings and lists anew: they may have changed."""
    try:
        bookkeeping.refresh(connection_id)
    except _NOT_OURS as exc:
        log.info("settings of connection %s not read: %s", connection_id, type(exc).__name__)
    except (faults.QuickBooksError, ValueError) as exc:
        log.warning("settings of connection %s: %s", connection_id, type(exc).__name__)


def _nudge_import(connection_id: int) -> None:
    """Go on with an import that found our lease taken, or waited for tokens that are here now."""
    working = Connection.objects.working().filter(pk=connection_id)
    for run in Run.objects.importing().filter(connection__in=working):
        async_task("integrations.tasks.continue_import", run.pk)


def tick() -> None:
    """Every minute: poll, resume what has no worker, keep tokens alive, tidy up."""
    started = time.monotonic()
    pause = max(settings.QUICKBOOKS_POLL_SECONDS, 1)
    tidying.tidy()
    copies.announce()
    while True:
        for connection in Connection.objects.working():
            _attend(connection)
        if time.monotonic() + pause - started > _TICK_SECONDS:
            return
        time.sleep(pause)


def _attend(connection: Connection) -> None:
    try:
        tokens.keep_alive(connection)
    except (*_NOT_OURS, faults.QuickBooksError) as exc:
        log.warning("tokens of connection %s: %s", connection.pk, exc)
        return
    if _pull(connection.pk, Run.Trigger.POLL):
        if sweeping.begin(connection):
            async_task("integrations.tasks.read_company", connection.pk)
            async_task("integrations.tasks.sweep", connection.pk)
    elif run := importing.running_import(connection):
        continue_import(run.pk)
        return
    if outbox.anything_due(connection.pk, held=True):
        outbox.retry_self_healing(connection.pk, SELF_HEALING)
        push(connection.pk)
