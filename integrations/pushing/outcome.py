"""What working out an entry can come to, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contacts.models import RecordKind


class Held(StrEnum):
    """Why an entry waits for a person; `integrations.held_wording` has the sentences."""

    #: Its contact, products or invoice have to go first; not a question for anybody.
    DEPENDENCY = "dependency"
    NO_EMAIL = "no_email"
    INACTIVE_MATCH = "inactive_match"
    NAME_TAKEN = "name_taken"
    NUMBER_TAKEN = "number_taken"
    NO_INCOME_ACCOUNT = "no_income_account"
    NO_EXEMPT_CODE = "no_exempt_code"
    NO_FALLBACK_ITEM = "no_fallback_item"
    NO_DISCOUNT = "no_discount"
    OTHER_CURRENCY = "other_currency"
    ALREADY_PAID = "already_paid"
    CLOSED_BOOKS = "closed_books"
    DEPOSITED = "deposited"
    SUBSCRIPTION_ENDED = "subscription_ended"
    GONE = "gone"
    ADDRESS_TAKEN = "address_taken"
    BUNDLE = "bundle"
    INACTIVE_PRODUCT = "inactive_product"
    REJECTED = "rejected"


#: Causes that may go away without anybody telling us: looked at again now and then, ever later.
SELF_HEALING = (
    Held.DEPENDENCY,
    Held.NO_EMAIL,
    Held.INACTIVE_MATCH,
    Held.OTHER_CURRENCY,
    Held.ALREADY_PAID,
    Held.GONE,
    Held.INACTIVE_PRODUCT,
    Held.ADDRESS_TAKEN,
    Held.NO_EXEMPT_CODE,
    Held.NO_INCOME_ACCOUNT,
    Held.NO_FALLBACK_ITEM,
    Held.NO_DISCOUNT,
    Held.CLOSED_BOOKS,
    Held.SUBSCRIPTION_ENDED,
)


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


@dataclass(frozen=True, slots=True)
class WaitFor:
    """These records go first; the entry is released when one of them has gone."""

    records: tuple[tuple[RecordKind, int], ...]


Step = Write | Hold | WaitFor | NothingToSend


class NotYet(Exception):
    """Raised while a write is drawn up, by whatever finds that it cannot be: a Hold or WaitFor."""

    def __init__(self, step: Hold | WaitFor) -> None:
        super().__init__(type(step).__name__)
        self.step = step
