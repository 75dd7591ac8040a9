"""The engine against the emulator: real HTTP, a real PostgreSQL, tasks run as a worker does."""

from __future__ import annotations

import pytest

from tests.engine.world import World
from tests.factories import UserFactory
from tests.signing_in import sign_in


@pytest.fixture
def admin(transactional_db):
    return UserFactory(role="admin")


@pytest.fixture
def world(emulator, admin):
    """An empty US company at the emulator, not connected yet."""
    return World(emulator, admin)


@pytest.fixture
def connected(world):
    """The same, connected and imported, with nothing in it."""
    world.connect()
    world.work()
    world.emulator.forget_requests()
    return world


@pytest.fixture
def staff_client(client, admin):
    return sign_in(client, admin)
