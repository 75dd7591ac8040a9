"""``python -m integrations.emulator``."""

from __future__ import annotations

from integrations.emulator.cli import main

main()
