"""The CRM by itself: an integration that says nothing, and somebody on the staff.

A folder's conftest takes what it needs of these fixtures.
"""

from __future__ import annotations

import pytest
from django.utils.safestring import SafeString

from contacts.models import User
from tests.signing_in import sign_in


def no_states(kind, ids):
    return {}


def no_panel(request, kind, record):
    return SafeString("")


@pytest.fixture(autouse=True)
def no_integration(settings):
    settings.CONTACTS_RECORD_STATES = "tests.alone.no_states"
    settings.CONTACTS_RECORD_PANEL = "tests.alone.no_panel"
    settings.CONTACTS_BANNERS = settings.CONTACTS_ATTENTION_COUNT = ""


@pytest.fixture
def staff(db):
    # Without a password: nobody types one here, and making one costs more than most tests.
    return User.objects.create_user("sam@shop.test", first_name="Sam", last_name="Staff")


@pytest.fixture
def browser(client, staff):
    return sign_in(client, staff)
