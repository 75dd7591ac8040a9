"""The cast of the integration pages: an admin, somebody on the staff, a connected company."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from contacts.models import User
from integrations.models import Connection
from tests.signing_in import signed_in

CARD = "/settings/integrations/"


def connected(**fields):
    """A company as it is some hours after connecting; nothing is asked of anybody."""
    now = timezone.now()
    values = {
        "realm": "9130001",
        "company_name": "Bright Ideas Ltd",
        "status": Connection.Status.CONNECTED,
        "environment": django_settings.INTUIT_ENVIRONMENT,
        "site_url": django_settings.SITE_URL,
        "access_token": "secret-access-token",
        "refresh_token": "secret-refresh-token",
        "access_expires_at": now + timedelta(hours=1),
        "refresh_expires_at": now + timedelta(days=100),
        "hard_expires_at": now + timedelta(days=1800),
        "connected_at": now - timedelta(hours=3),
        "invoices_since": now - timedelta(hours=3),
        "invoices_since_here": now - timedelta(hours=3),
        "last_pull_at": now,
    }
    return Connection.objects.create(**values | fields)


def person(email, **fields):
    """Nobody signs in with a password here, and hashing one takes half a second."""
    return User.objects.create(email=email, password="!", **fields)


@pytest.fixture
def admin(db):
    return person("ada@business.example", first_name="Ada", role=User.Role.ADMIN)


@pytest.fixture
def staff(db):
    return person("sam@business.example", first_name="Sam")


@pytest.fixture
def as_admin(admin):
    return signed_in(admin)


@pytest.fixture
def as_staff(staff):
    return signed_in(staff)


@pytest.fixture
def company(db):
    return connected()
