"""Import, poll, notification, token refresh, Reset and Disconnect, each crossed with what may go
wrong at every point of a clean run: before and after each HTTP call and each commit.

Whatever it was, once time has passed both sides are equal as a user sees them.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from integrations import tasks
from integrations.models import Lease, Run
from integrations.pulling import wake
from integrations.quickbooks.faults import QuickBooksError
from tests.chaos import flows
from tests.chaos.points import Moment, Points, watched
from tests.chaos.sides import in_a_process
from tests.chaos.table import FAULTS, overtake, wait_for_others

TROUBLE = '{"Fault":{"Error":[{"Message":"An application error","code":"10000"}]}}'
INBOUND_FAULTS = {
    **FAULTS,
    "502 page": {"mode": "status", "status": 502, "body": "<html>", "content_type": "text/html"},
    "no answer": {"mode": "timeout", "seconds": 0.2},
    "never arrived": {"mode": "timeout_before", "seconds": 0.2},
    "slow": {"mode": "slow", "seconds": 0.4},
    "200 with Fault": {"mode": "status", "status": 200, "body": TROUBLE},
    "200 with a page": {"mode": "status", "status": 200, "body": "<html>"},
}
#: Longer than a row takes where nobody waits for its end.
SILENCE = {"mode": "timeout", "seconds": 60}


def other_worker(flow):
    """Another worker is woken, and finds our lease."""
    overtake(lambda: _whatever_is_due(flow))


def lease_lost(flow):
    """Ours ran out under us, and another worker has gone on."""

    def take_over():
        Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
        _whatever_is_due(flow)

    overtake(take_over)


def change_meanwhile(flow):
    """A customer changes, and its notification comes in this very moment."""

    def change():
        customer = flow.world.emulator.store(flow.world.realm)["Customer"][0]
        flow.world.change("Customer", customer, CompanyName="Meanwhile")
        _whatever_is_due(flow)

    overtake(change)


def _whatever_is_due(flow):
    wake(flow.pk)
    for run in Run.objects.importing():
        tasks.continue_import(run.pk)
    tasks.pull(flow.pk)


OVERTAKEN = {
    "other worker": other_worker,
    "lease lost": lease_lost,
    "change meanwhile": change_meanwhile,
}
#: Two workers may be at these; a button is pressed by one.
SHARED = (flows.Import, flows.Poll, flows.Notified)


# --- rows ---


def rows(emulator):
    """Every row as (name, what runs it)."""
    for kind in flows.FLOWS:
        points = record(emulator, kind)
        for name, count in points:
            yield f"{kind.name}: {name} #{count} / kill -9", killed(kind, name, count)
            if kind in SHARED:
                for what, act in OVERTAKEN.items():
                    row = f"{kind.name}: {name} #{count} / {what}"
                    yield row, overtaken(kind, name, count, act)
        for name, count in points:
            _, method, path = (*name.split(), "")[:3]
            if name.startswith("before") and method in ("GET", "POST"):
                for what, rule in INBOUND_FAULTS.items():
                    row = f"{kind.name}: {method} {path} #{count} / {what}"
                    yield row, refused(kind, method, path, count, rule)
                if count == 0 and not path.startswith("/"):
                    row = f"{kind.name}: {method} {path} #{count} / silence"
                    yield row, silent(kind, method, path)


def record(emulator, kind):
    """The points of a clean run, each with how often its name was met before."""
    points, flow = Points(), kind(emulator)
    with watched(points, everywhere=True):
        flow.work()
    assert not (found := flow.verdict()), found
    met = {}
    numbered = []
    for name in points.names:
        numbered.append((name, met.get(name, 0)))
        met[name] = met.get(name, 0) + 1
    return numbered


def killed(kind, name, count):
    def run(emulator):
        flow = kind(emulator)

        def work():
            die = Moment(name, count, lambda: os.kill(os.getpid(), signal.SIGKILL))
            with watched(die, everywhere=True):
                flow.work()

        _, end = os.waitpid(in_a_process(work), 0)
        found = [] if os.WTERMSIG(end) == signal.SIGKILL else ["it never came by this point"]
        return found + flow.verdict()

    return run


def overtaken(kind, name, count, act):
    def run(emulator):
        flow = kind(emulator)
        moment = Moment(name, count, lambda: act(flow))
        with watched(moment, everywhere=True):
            flow.work()
        wait_for_others()
        # Nothing but what was enqueued: no poll helps a wake-up that was lost.
        flow.world.work()
        here = flow.world.connection
        found = [] if moment.left < 0 else ["it never came by this point"]
        # Whoever lost his lease in an import leaves it, and the wake-up, to the tick.
        if not _is_importing():
            found += [] if here.wanted == here.served else ["a wake-up was lost"]
            found += flow.unequal()
        return found + flow.verdict()

    return run


def _is_importing():
    return Run.objects.importing().exists()


def refused(kind, method, path, count, rule):
    def run(emulator):
        flow = kind(emulator)
        target = path if path.startswith("/") else f"/{path}"
        emulator.fail(method=method, path=target, nth=count + 1, **rule)
        with suppress(QuickBooksError):
            flow.work()
        found = [] if emulator.control("GET", "failures")[0]["used"] else ["no such call was made"]
        emulator.control("DELETE", "failures")
        return found + flow.verdict()

    return run


def silent(kind, method, path):
    """QuickBooks says nothing, not even good-bye: it is we who stop waiting."""

    def run(emulator):
        begun = time.monotonic()
        with override_settings(QUICKBOOKS_ANSWER_SECONDS=0.5):
            found = refused(kind, method, path, 0, SILENCE)(emulator)
        waited = time.monotonic() - begun >= SILENCE["seconds"]
        return found + ["somebody waited for the end of the silence"] * waited

    return run
