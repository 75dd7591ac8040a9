"""Being signed in. To sign in takes a dozen statements, and has tests of its own."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client


def session_of(person):
    """The key of a session in which this person has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return session.session_key


def sign_in(client, person):
    """The client's browser comes back to such a session."""
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(person)
    return client


def signed_in(person):
    """A browser of this person's own."""
    return sign_in(Client(), person)
