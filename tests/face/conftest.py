"""Pages as a signed-in person sees them, with an integration that says nothing."""

from __future__ import annotations

from functools import partial

import pytest

from contacts.models import User
from tests.alone import no_integration
from tests.factories import UserFactory
from tests.signing_in import sign_in

__all__ = ["no_integration"]


@pytest.fixture
def admin(db):
    return UserFactory(role=User.Role.ADMIN, email="ada@business.example", first_name="Ada")


@pytest.fixture
def staff(db):
    return UserFactory(email="sam@business.example")


@pytest.fixture
def as_admin(client, admin):
    return sign_in(client, admin)


@pytest.fixture
def signed_in(open_page, transactional_db, admin):
    """Pages of an admin: `signed_in(viewport=..., color_scheme=...)`."""
    return partial(open_page, admin)


@pytest.fixture
def as_staff(client, staff):
    return sign_in(client, staff)
