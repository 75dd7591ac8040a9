"""Where a process may die or be overtaken: before and after every HTTP call and every commit.

Nothing of ours is patched: the points lie in the HTTP adapter and in the database connection of
the thread that is watched.
"""

from __future__ import annotations

import contextlib
import re
import threading
from urllib.parse import urlsplit

from django.db import connection as database
from requests.adapters import HTTPAdapter

_watched = threading.local()
#: What watches the HTTP calls of threads that are not watched themselves.
_everywhere = []
_send = HTTPAdapter.send
_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH)\b(?:.*?\b(\w+_\w+)\b)?", re.I | re.S)


class Points:
    """The points a thread has come by, in order; at `at` it does `act` once."""

    def __init__(self, at=None, act=None):
        self.names = []
        self.at = at
        self.act = act

    def reach(self, name):
        self.names.append(name)
        if self.at == len(self.names) - 1:
            with unwatched():
                self.act()


class Moment:
    """The `count`-th time (from 0) that anybody comes by a point of this name: then `act`, once."""

    def __init__(self, name, count, act):
        self.name = name
        self.left = count
        self.act = act

    def reach(self, name):
        if name == self.name:
            self.left -= 1
            if self.left == -1:
                with unwatched():
                    self.act()


@contextlib.contextmanager
def watched(points, *, everywhere=False):
    """Watch this thread; `everywhere` adds the HTTP calls of threads that it starts."""
    _watched.points = points
    _everywhere[:] = [points] * everywhere
    commit = database._commit

    def committing():
        _reach("before commit")
        commit()
        _reach("after commit")

    database.ensure_connection()
    database._commit = committing
    try:
        with database.execute_wrapper(_statement):
            yield points
    finally:
        del _watched.points
        _everywhere.clear()
        del database._commit


@contextlib.contextmanager
def unwatched():
    before = getattr(_watched, "points", None)
    _watched.points = None
    try:
        yield
    finally:
        _watched.points = before


def _statement(execute, sql, params, many, context):
    """A statement outside a transaction is a commit of its own."""
    found = None if database.in_atomic_block else _WRITES.match(sql)
    if found is None:
        return execute(sql, params, many, context)
    what = f"{sql.split(None, 1)[0].lower()} {found[1] or ''}".strip()
    _reach(f"before {what}")
    result = execute(sql, params, many, context)
    _reach(f"after {what}")
    return result


def _sending(self, request, **options):
    what = f"{request.method} {_tail(request.url)}"
    _reach(f"before {what}")
    response = _send(self, request, **options)
    _reach(f"after {what}")
    return response


def _tail(url):
    path = urlsplit(url).path
    return path.split("/", 4)[4] if path.startswith("/v3/company/") else path


def _reach(name):
    points = getattr(_watched, "points", next(iter(_everywhere), None))
    if points is not None:
        points.reach(name)


HTTPAdapter.send = _sending
