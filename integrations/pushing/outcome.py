"""What working out an entry can come to, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Held(StrEnum):
    """Why an entry waits for a person; `integrations.pushing.wording` has the sentences."""

    NO_EMAIL = "no_email"
    INACTIVE_MATCH = "inactive_match"
    NAME_TAKEN = "name_taken"
    GONE = "gone"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Write:
    """One write to QuickBooks: its path and exact body."""

    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is sent until a person, or a change, removes the cause."""

    cause: Held
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NothingToSend:
    """QuickBooks has it already, or it is none of its business."""


Step = Write | Hold | NothingToSend
