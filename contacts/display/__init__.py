"""How amounts, dates and states look wherever a page shows them. All return safe HTML."""

from __future__ import annotations

from contacts.display.amounts import money, plain_amount
from contacts.display.badges import invoice_badge, marketing_badge, state_badge
from contacts.display.dates import day, when
from contacts.display.icons import icon

__all__ = [
    "day",
    "icon",
    "invoice_badge",
    "marketing_badge",
    "money",
    "plain_amount",
    "state_badge",
    "when",
]
