"""Pages as a signed-in person sees them, with an integration that says nothing."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils.safestring import SafeString

from contacts.models import User
from tests.factories import UserFactory


def no_states(kind, ids):
    return {}


def no_panel(request, kind, record):
    return SafeString("")


@pytest.fixture(autouse=True)
def _no_integration(settings):
    settings.CONTACTS_RECORD_STATES = "tests.face.conftest.no_states"
    settings.CONTACTS_RECORD_PANEL = "tests.face.conftest.no_panel"
    settings.CONTACTS_BANNERS = ""
    settings.CONTACTS_ATTENTION_COUNT = ""


@pytest.fixture
def admin(db):
    return UserFactory(role=User.Role.ADMIN, email="ada@business.example", first_name="Ada")


@pytest.fixture
def staff(db):
    return UserFactory(email="sam@business.example")


@pytest.fixture
def as_admin(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def signed_in(open_page, transactional_db, admin):
    """Pages of an admin: `signed_in(viewport=..., color_scheme=...)`."""
    return partial(open_page, admin)


@pytest.fixture
def as_staff(client, staff):
    client.force_login(staff)
    return client
