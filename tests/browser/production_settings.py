"""crmsync's settings, with the collected static files in a folder of the test."""

from __future__ import annotations

from crmsync.settings import *  # noqa: F403
from crmsync.settings import VAR_DIR

STATIC_ROOT = VAR_DIR / "static"
