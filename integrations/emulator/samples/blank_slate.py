"""Blank Slate LLC: an American company that starts today."""

from __future__ import annotations

from integrations.emulator.emulator import Emulator
from integrations.emulator.samples.load import open_company


def load(emulator: Emulator, now: float) -> None:
    open_company(
        emulator, "Blank Slate LLC", sales_tax=False, about="US, no sales tax, no customers yet."
    )
