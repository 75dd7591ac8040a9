"""Why something was not imported, and the way to have it all the same (R6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from integrations.models import Reason

Fix = Literal["object", "waited_for", "attention", "include", ""]


@dataclass(frozen=True, slots=True)
class Wording:
    """`fix` says where its link or button leads: the object itself in QuickBooks, the one it
    waits for, Needs attention, or "include" for a POST that tries again here."""

    sentence: str
    fix: Fix
    label: str


_ANY: Final[Mapping[str, Wording]] = {
    Reason.NO_EMAIL: Wording(
        "It has no email address in QuickBooks, so it and its invoices stay out. They come in by "
        "themselves once it has one.",
        "object",
        "Add an address there",
    ),
    Reason.INACTIVE: Wording(
        "It is inactive in QuickBooks. It comes in when somebody makes it active again.",
        "object",
        "Open in QuickBooks",
    ),
    Reason.CUSTOMER_MISSING: Wording(
        "Its customer is not synced, mostly for want of an email address. It comes in with its "
        "customer.",
        "waited_for",
        "Open the customer there",
    ),
    Reason.INVOICE_MISSING: Wording(
        "The invoice it pays is not here yet. It comes in with the invoice.",
        "waited_for",
        "Open the invoice there",
    ),
    Reason.MATCH_UNCLEAR: Wording(
        "It could be one of several records here, and only a person can tell which.",
        "attention",
        "Answer the question",
    ),
    Reason.CREATE_UNDER_WAY: Wording(
        "It may be what is being sent from here right now. It is settled by itself as soon as "
        "QuickBooks has answered.",
        "object",
        "Open in QuickBooks",
    ),
    Reason.UNREADABLE: Wording(
        "QuickBooks sent something about it that cannot be understood. It is tried again when it "
        "changes there.",
        "object",
        "Open in QuickBooks",
    ),
    Reason.NOT_WANTED: Wording(
        "Somebody chose not to sync it.",
        "include",
        "Include it now",
    ),
}
#: Reasons that read differently for one kind.
_OF_KIND: Final[Mapping[tuple[str, str], Wording]] = {
    (Reason.NO_EMAIL, "Invoice"): Wording(
        "Its customer has no email address in QuickBooks. It comes in once the customer has one.",
        "waited_for",
        "Open the customer there",
    ),
    (Reason.NO_EMAIL, "Payment"): Wording(
        "Its customer has no email address in QuickBooks. It comes in once the customer has one.",
        "waited_for",
        "Open the customer there",
    ),
}

#: What an object of each kind waits for.
WAITED_FOR: Final = {"Invoice": "Customer", "Payment": "Invoice"}


def wording(reason: str, kind: str) -> Wording:
    """How to say it for an object of this kind (QuickBooks' name of it)."""
    return _OF_KIND.get((reason, kind)) or _ANY[reason]


def waited_for_kind(reason: str, kind: str) -> str:
    """The kind of the object in `SetAside.waits_for`."""
    if reason in {Reason.CUSTOMER_MISSING, Reason.NO_EMAIL}:
        return "Customer"
    return WAITED_FOR.get(kind, "")
