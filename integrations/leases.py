"""Leases: the right to do one thing to a connection, held by one worker until a moment.

Each step is one short statement on the database's clock, so nothing is lost when a worker dies
and nothing depends on a session that PgBouncer might share out.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection as database

from integrations.models import Lease
from integrations.transactions import forbid_open_transaction


class LeaseLost(Exception):
    """Another worker has the lease now, or it was called in; what is not committed is void."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease in our hands. `fence` is greater than that of every holder before."""

    connection_id: int
    name: Lease.Name
    owner: str
    fence: int

    def extend(self, seconds: float) -> None:
        """Keep it until `seconds` from now. Raises LeaseLost."""
        changed = _execute(
            "UPDATE integrations_lease SET until = clock_timestamp() + %s * interval '1 second'"
            " WHERE connection_id = %s AND name = %s AND owner = %s AND fence = %s RETURNING fence",
            [seconds, self.connection_id, self.name, self.owner, self.fence],
        )
        if changed is None:
            raise LeaseLost(f"The {self.name} lease was taken over.")

    def release(self) -> None:
        """Let the next worker in at once; nothing happens if it was lost already."""
        _execute(
            "UPDATE integrations_lease SET owner = '', until = NULL"
            " WHERE connection_id = %s AND name = %s AND owner = %s AND fence = %s RETURNING fence",
            [self.connection_id, self.name, self.owner, self.fence],
        )

    def guard(self, extend: float | None = None) -> None:
        """Hold off every other holder until the caller's transaction ends. Raises LeaseLost.

        To be called first in the transaction: whoever calls leases in locks them first, too. With
        `extend` the lease then lasts so many seconds from now, once the transaction is committed.
        """
        if not database.in_atomic_block:
            raise RuntimeError("A lease guards a transaction, and none is open.")
        if extend is not None:
            self.extend(extend)
            return
        row = _execute(
            "SELECT fence, owner FROM integrations_lease"
            " WHERE connection_id = %s AND name = %s FOR UPDATE",
            [self.connection_id, self.name],
        )
        if row != (self.fence, self.owner):
            raise LeaseLost(f"The {self.name} lease was taken over.")


def take(connection_id: int, name: Lease.Name, seconds: float) -> Held | None:
    """Take the lease for `seconds` if nobody holds it, else return None at once.

    Must not run inside a transaction: nobody else would see the lease before its end.
    """
    forbid_open_transaction()
    owner = uuid.uuid4().hex
    row = _execute(
        "INSERT INTO integrations_lease AS lease (connection_id, name, owner, until, fence)"
        " SELECT id, %s, %s, clock_timestamp() + %s * interval '1 second', 1"
        " FROM integrations_connection WHERE id = %s"
        " ON CONFLICT (connection_id, name) DO UPDATE"
        " SET owner = excluded.owner, until = excluded.until, fence = lease.fence + 1"
        " WHERE lease.until IS NULL OR lease.until <= clock_timestamp()"
        " RETURNING fence",
        [name, owner, seconds, connection_id],
    )
    return None if row is None else Held(connection_id, name, owner, row[0])


def call_in(connection_id: int) -> None:
    """Void every lease of the connection: no holder's `guard` succeeds from now on.

    Inside a transaction it waits for the commits that are under way, and holds off others.
    """
    _execute(
        "WITH held AS (SELECT id FROM integrations_lease WHERE connection_id = %s"
        " ORDER BY name FOR UPDATE)"
        " UPDATE integrations_lease SET owner = '', until = NULL, fence = fence + 1"
        " WHERE id IN (SELECT id FROM held) RETURNING fence",
        [connection_id],
    )


def _execute(statement: str, values: Sequence[int | float | str]) -> tuple[Any, ...] | None:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
