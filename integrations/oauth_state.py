"""The `state` of an authorization under way: random, in the web session, bound to a person.

It is what tells an answer to our own question from one that a stranger made up (R2). Each is
good for one callback within ten minutes; a session holds the few latest.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

from contacts.models import User

MAX_AGE: Final = 600
"""Seconds from pressing Connect to coming back."""

MOST: Final = 5
"""States a session holds: pressing Connect in several tabs works, filling the session does not."""

_KEY = "quickbooks_states"


def issue(session: SessionBase, user: User) -> str:
    """Return a new state for this person and remember it in the session."""
    state = secrets.token_urlsafe(32)
    session[_KEY] = [*_fresh(session.get(_KEY)), _entry(state, user)][-MOST:]
    return state


def consume(session: SessionBase, user: User, state: str) -> bool:
    """Tell whether this person was given this state lately, and forget it.

    Of two callbacks with one state that run side by side only one is told yes.
    """
    with transaction.atomic():
        # The session was loaded when the request began; what counts is what the row holds now.
        rows = Session.objects.select_for_update()
        row = rows.filter(session_key=session.session_key).first()
        if row is None:
            return False
        kept = _fresh(row.get_decoded().get(_KEY))
        rest = [each for each in kept if not hmac.compare_digest(each["state"], _text(state))]
        session[_KEY] = rest
        session.save()
    used = [each for each in kept if each not in rest]
    return bool(used) and used[0]["user"] == user.pk


def _entry(state: str, user: User) -> dict[str, Any]:
    return {"state": state, "user": user.pk, "at": time.time()}


def _fresh(entries: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    oldest = time.time() - MAX_AGE
    return [each for each in entries or [] if each["at"] > oldest]


def _text(state: str) -> str:
    """compare_digest takes ASCII only, and ours is."""
    return state if state.isascii() else ""
