"""Intuit's limits for a company, 10 calls a second and 500 a minute, as one row for all processes.

Each limit is a virtual queue: a call lengthens it by its share of time, and may go while the
queue is not longer than the burst we allow. Burst and pace together stay below the limit in any
second and any minute, wherever one starts to count. Work in the background is paced more slowly
and gets no burst within a second, so that what a person waits for finds room.

Whoever is let through is counted in the same statement for the month's budget (R26): answered or
not, Intuit may have counted the call.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection as database

from integrations import usage
from integrations.models import DailyCount
from integrations.quickbooks import faults

PATIENCE: Final = 3.0
"""Seconds that `wait` sleeps for a connection that backs off; beyond, it raises."""

_SHORTEST_SLEEP = 0.01


@dataclass(frozen=True, slots=True)
class _Pace:
    """Seconds per call and seconds of burst, for the second's and the minute's queue."""

    second_step: float
    second_burst: float
    minute_step: float
    minute_burst: float


def _pace(background: bool) -> _Pace:
    """Of 10 and 500: 2 at once and 8 a second are at most 10 in any second, 60 at once and 430 a
    minute at most 490. In the background 6 a second, and 40 at once and 360 a minute: at most 400.
    """
    second, minute = settings.QUICKBOOKS_CALLS_PER_SECOND, settings.QUICKBOOKS_CALLS_PER_MINUTE
    if background:
        return _Pace(1 / (0.6 * second), 0.0, 60 / (0.72 * minute), 0.08 / 0.72 * 60)
    return _Pace(1 / (0.8 * second), 1 / (0.8 * second), 60 / (0.86 * minute), 0.12 / 0.86 * 60)


_TRY = """
WITH state AS (
    SELECT c.id, c.back_off_until, g.second_free_at, g.minute_free_at
    FROM integrations_connection c LEFT JOIN integrations_rategate g ON g.connection_id = c.id
    WHERE c.id = %(id)s
), taken AS (
    INSERT INTO integrations_rategate AS gate (connection_id, second_free_at, minute_free_at)
    SELECT id, clock_timestamp() + %(second_step)s::interval,
        clock_timestamp() + %(minute_step)s::interval
    FROM state WHERE back_off_until IS NULL OR back_off_until <= clock_timestamp()
    ON CONFLICT (connection_id) DO UPDATE
    SET second_free_at = greatest(gate.second_free_at, clock_timestamp())
            + %(second_step)s::interval,
        minute_free_at = greatest(gate.minute_free_at, clock_timestamp())
            + %(minute_step)s::interval
    WHERE gate.second_free_at <= clock_timestamp() + %(second_burst)s::interval
      AND gate.minute_free_at <= clock_timestamp() + %(minute_burst)s::interval
    RETURNING 1
), counted AS (
    INSERT INTO integrations_dailycount AS counted (day, name, count)
    SELECT %(day)s, %(name)s, 1 FROM taken
    ON CONFLICT (day, name) DO UPDATE SET count = counted.count + 1
)
SELECT EXISTS (SELECT 1 FROM taken),
       back_off_until,
       extract(epoch FROM back_off_until - clock_timestamp())::float,
       extract(epoch FROM greatest(
           second_free_at - %(second_burst)s::interval,
           minute_free_at - %(minute_burst)s::interval
       ) - clock_timestamp())::float
FROM state
"""


class BackingOff(faults.Transient):
    """Left alone until a moment: Intuit asked for it, or had trouble of its own."""

    sentence = "QuickBooks is left alone for a moment"

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__()


def wait(connection_id: int, background: bool, is_read: bool) -> None:
    """Sleep until one more call is within the limits, and count it.

    Raises BackingOff when the connection is to be left alone for more than PATIENCE seconds.
    """
    pace = _pace(background)
    values = {name: f"{getattr(pace, name)} seconds" for name in _Pace.__slots__}
    while True:
        with database.cursor() as cursor:
            cursor.execute(
                _TRY,
                {
                    "id": connection_id,
                    "day": DailyCount.today(),
                    "name": usage.name_of(is_read),
                    **values,
                },
            )
            row = cursor.fetchone()
        if row is None or row[0]:
            return
        _, until, backing_off, queued = row
        if backing_off is not None and backing_off > PATIENCE:
            raise BackingOff(until)
        # Others may have gone first since the row was read: then it is a short sleep and a retry.
        time.sleep(max(backing_off or 0.0, queued or 0.0, _SHORTEST_SLEEP))


def count(connection_id: int, calls: int) -> None:
    """Count calls that were made before there was a connection to wait for."""
    pace = _pace(background=False)
    steps = [calls * pace.second_step, calls * pace.minute_step]
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_rategate AS gate"
            " (connection_id, second_free_at, minute_free_at)"
            " VALUES (%s, clock_timestamp() + %s * interval '1 second',"
            " clock_timestamp() + %s * interval '1 second')"
            " ON CONFLICT (connection_id) DO UPDATE SET"
            " second_free_at = greatest(gate.second_free_at, clock_timestamp())"
            " + %s * interval '1 second',"
            " minute_free_at = greatest(gate.minute_free_at, clock_timestamp())"
            " + %s * interval '1 second'",
            [connection_id, *steps, *steps],
        )


def seconds_after(fault: faults.QuickBooksError) -> float:
    """How long to leave a connection alone after this fault, with jitter: a minute after a 429."""
    jitter = random.uniform(0, 5)  # noqa: S311 - spreads workers out, guards nothing
    if isinstance(fault, faults.Throttled):
        return max(60.0, fault.retry_after or 0.0) + jitter
    if isinstance(fault, faults.BadClientKeys):
        return 60.0
    return 5.0 + jitter


def back_off(connection_id: int, seconds: float) -> None:
    """Leave the connection alone for `seconds`, or longer if it already was to be."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE integrations_connection"
            " SET back_off_until = greatest("
            "back_off_until, clock_timestamp() + %s * interval '1 second') WHERE id = %s",
            [seconds, connection_id],
        )
