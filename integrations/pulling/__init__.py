"""One record inwards: fetch what changed, apply it in one order, move the cursor with it."""

from __future__ import annotations

from integrations.pulling.wake import wake

__all__ = ["wake"]
