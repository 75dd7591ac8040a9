"""The cast of these tests, and an integration that says what a test wants it to say."""

from __future__ import annotations

import pytest
from django.utils.safestring import SafeString

from contacts.models import User
from contacts.record_states import RecordState
from contacts.signals import record_changed
from tests.alone import browser, staff
from tests.signals import heard as heard_signal

# Of staff, who may less; `test_roles` tells that admins may as much.
__all__ = ["browser", "staff"]

STATES: dict[tuple[str, int], RecordState] = {}


def states_of(kind, ids):
    return {i: STATES[kind, i] for i in ids if (kind, i) in STATES}


def panel_of(request, kind, record):
    return SafeString(f'<p data-panel="{kind}">Panel of {kind} {record.pk}</p>')


@pytest.fixture(autouse=True)
def _integration(settings):
    settings.CONTACTS_RECORD_STATES = "tests.crm.conftest.states_of"
    settings.CONTACTS_RECORD_PANEL = "tests.crm.conftest.panel_of"
    settings.CONTACTS_BANNERS = settings.CONTACTS_ATTENTION_COUNT = ""
    STATES.clear()


@pytest.fixture
def states():
    """`states["invoice", 5] = RecordState(...)` is what the pages then show."""
    return STATES


@pytest.fixture
def admin(db):
    return User.objects.create_user(
        "ada@shop.test", first_name="Ada", last_name="Admin", role=User.Role.ADMIN
    )


@pytest.fixture
def announced():
    """What was announced as changed, in order."""
    with heard_signal(record_changed) as calls:
        yield calls


@pytest.fixture
def heard():
    """`with heard(signal) as calls:` collects what that signal sent."""
    return heard_signal
