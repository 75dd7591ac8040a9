"""Real threads with database connections of their own, started together."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections


def together(number, work):
    """Run `work()` in this many threads at once; return what each returned or raised."""
    start = threading.Barrier(number)

    def one(_):
        try:
            start.wait()
            return work()
        except Exception as exc:  # noqa: BLE001 - the test looks at what was raised
            return exc
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))
