"""The rows shared out over processes: each takes the next one that nobody has."""

from __future__ import annotations

import multiprocessing
import time
import traceback
from multiprocessing.connection import wait

from django.db import connections

from tests.chaos.grounds import stand_on

#: Forked, so that the rows need not be pickled.
_context = multiprocessing.get_context("fork")


def results(rows, places):
    """What came of each row as it ends: its name, what was wrong, seconds, and what it tells."""
    turn = _context.Value("i", 0)
    ends = [_start(list(rows.items()), place, turn) for place in places]
    untold = set(rows)
    while ends:
        for end in wait(ends):
            try:
                result = end.recv()
            except EOFError:
                ends.remove(end)
                continue
            untold.discard(result[0])
            yield result
    for name in untold:
        yield name, ["The process that should have run it has died."], 0.0, ""


def _start(rows, place, turn):
    """The end of a pipe on which a new process tells its results; closed when it ends."""
    ours, theirs = _context.Pipe(duplex=False)
    with theirs:
        _context.Process(target=_work, args=(rows, place, turn, theirs), daemon=True).start()
    return ours


def _work(rows, place, turn, told):
    with stand_on(place) as emulator:
        while (row := _next(rows, turn)) is not None:
            name, run = row
            begun = time.monotonic()
            found, seconds = _found(run, emulator), time.monotonic() - begun
            told.send((name, found, seconds, getattr(run, "facts", "")))


def _next(rows, turn):
    with turn.get_lock():
        turn.value += 1
        return rows[turn.value - 1] if turn.value <= len(rows) else None


def _found(run, emulator):
    try:
        return run(emulator)
    except Exception:  # noqa: BLE001 - a row that breaks is a row that failed
        connections.close_all()
        return [traceback.format_exc()]
