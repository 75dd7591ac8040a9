"""The engine against the emulator: real HTTP, a real PostgreSQL, tasks run as a worker does."""

from __future__ import annotations

import pytest

# Models are imported inside: this file is read before Django is set up.
from tests.emulator_process import emulator, emulator_process

__all__ = ["emulator", "emulator_process"]


@pytest.fixture
def admin(transactional_db):
    from tests.factories import UserFactory

    return UserFactory(role="admin")


@pytest.fixture
def world(emulator, admin):
    """An empty US company at the emulator, not connected yet."""
    from tests.engine.world import World

    return World(emulator, admin)


@pytest.fixture
def connected(world):
    """The same, connected and imported, with nothing in it."""
    world.connect()
    world.work()
    world.emulator.forget_requests()
    return world
