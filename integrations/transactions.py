"""No transaction is open while the network is talked to."""

from __future__ import annotations

from django.db import connection as database


class OpenTransactionError(RuntimeError):
    """A call to Intuit was about to be made with a database transaction open."""


def forbid_open_transaction() -> None:
    """Raise OpenTransactionError inside a transaction.

    A call can take two minutes: rows would stay locked for as long, and a rollback afterwards
    would forget what the call did.
    """
    if database.in_atomic_block:
        raise OpenTransactionError("Intuit must not be called inside a database transaction.")
