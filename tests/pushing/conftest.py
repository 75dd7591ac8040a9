"""The cast of the engine: a company at the emulator, and crmsync connected to it."""

from __future__ import annotations

from tests.engine.conftest import admin, connected, world

__all__ = ["admin", "connected", "world"]
