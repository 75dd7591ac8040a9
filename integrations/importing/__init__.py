"""The first import, and every later one: all customers and items, page by page (R3)."""

from __future__ import annotations

from integrations.importing.start import running_import, start

__all__ = ["running_import", "start"]
