"""Each cause's sentence, remedy and buttons (R23), for a reader who keeps books, not servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from integrations.field_names import named
from integrations.held_wording import why, wording_of
from integrations.models import Attention, Cause
from integrations.pushing.outcome import Held

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Button:
    """A POST of `action`, one of `integrations.attention_actions`; or with `page` another page's.

    A page is a URL name: "integrations:connect" takes the POST itself and leads to Intuit,
    "integrations:adopt" asks once more. Buttons with `for_admins` are not shown to staff.
    `choices` makes the person choose first, among the records that the item's facts name.
    """

    action: str
    label: str
    primary: bool = False
    for_admins: bool = True
    choices: Literal["", "contacts", "products"] = ""
    page: str = ""
    #: The page asks before anything happens, so it is opened by a link and not by a POST.
    asks: bool = False
    #: Shown only where the facts' `why` is this, and then instead of those for any reason.
    only_for: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    icon: str
    sentence: Callable[[str, Facts], str]
    remedy: Callable[[Facts], str]
    buttons: tuple[Button, ...]


def _reconnect(company: str, facts: Facts) -> str:
    reason = facts.get("reason") or "QuickBooks no longer accepts the connection."
    return f"{company} has to be connected again. {reason}"


def _lost_rights(company: str, facts: Facts) -> str:
    del facts
    return (
        f"QuickBooks refuses what this CRM asks of {company}. Mostly the person who connected it "
        "is no longer an admin there."
    )


def _merge(company: str, facts: Facts) -> str:
    del company
    address = facts.get("email")
    which = f"the address {address}" if address else "the same address"
    return (
        f"A customer in QuickBooks now has {which} as another contact here. Are the two contacts "
        "one person?"
    )


def _product(company: str, facts: Facts) -> str:
    name = facts.get("name") or f"number {facts.get('item', '')}"
    return (
        f"The product “{name}” of {company} could be one of several products here, and only a "
        "person can tell."
    )


def _import_failed(company: str, facts: Facts) -> str:
    reason = facts.get("reason") or facts.get("message") or ""
    return f"The import from {company} stopped before its end. {reason}".strip()


def _copied(company: str, facts: Facts) -> str:
    home = facts.get("site_url") or "another address"
    return (
        f"This is a copy of the database that keeps {company} in step at {home}. Syncing is "
        "paused here, so that the copy does not end the connection there."
    )


def _always(remedy: str) -> Callable[[Facts], str]:
    return lambda facts: remedy


def _held(company: str, facts: Facts) -> str:
    kind = facts.get("kind") or "record"
    return f"The {kind} is not sent to {company}: {why(facts.get('why', ''), facts)}"


def _not_taken(company: str, facts: Facts) -> str:
    fields = named(facts.get("fields") or ["some fields"])
    return f"{company} did not take what was sent for this {facts.get('kind')}: {fields}."


WORDING: Final[Mapping[str, Wording]] = {
    Cause.RECONNECT: Wording(
        "plug",
        _reconnect,
        _always(
            "An admin connects the same company again. Nothing is lost meanwhile: what changed on "
            "either side is caught up with."
        ),
        (Button("connect", "Reconnect", primary=True, page="integrations:connect"),),
    ),
    Cause.LOST_RIGHTS: Wording(
        "shield",
        _lost_rights,
        _always(
            "Let somebody who is an admin in QuickBooks press Connect again, or give the right "
            "back there and try again."
        ),
        (
            Button("connect", "Connect again", primary=True, page="integrations:connect"),
            Button("try_again", "Try again"),
        ),
    ),
    Cause.MERGE_CONTACTS: Wording(
        "merge",
        _merge,
        _always(
            "Choose the contact that stays: it takes over the other's invoices and payments. Kept "
            "apart, the contact keeps the address it has here."
        ),
        (
            Button("merge", "Merge", primary=True, for_admins=False, choices="contacts"),
            Button("keep_apart", "Keep apart", for_admins=False),
        ),
    ),
    Cause.PRODUCT_MATCH: Wording(
        "products",
        _product,
        _always("Choose the product it is, or make a new one from it."),
        (
            Button("choose_product", "Link", primary=True, for_admins=False, choices="products"),
            Button("new_product", "Make a new product", for_admins=False),
        ),
    ),
    Cause.IMPORT_FAILED: Wording(
        "sync",
        _import_failed,
        _always(
            "What was read so far is kept. Trying again goes through everything once more and "
            "makes nothing twice."
        ),
        (Button("import_again", "Try again", primary=True),),
    ),
    Cause.PUSH_HELD: Wording(
        "held",
        _held,
        lambda facts: wording_of(facts.get("why", ""), facts).remedy,
        (
            Button("send_again", "Try again", primary=True, for_admins=False),
            Button(
                "use_theirs",
                "Use that one",
                primary=True,
                for_admins=False,
                only_for=Held.ALREADY_PAID,
            ),
            Button("send_anyway", "Send anyway", for_admins=False, only_for=Held.ALREADY_PAID),
        ),
    ),
    Cause.NOT_TAKEN: Wording(
        "undo",
        _not_taken,
        _always(
            "Both values stay until somebody changes one of them. Take over QuickBooks' value "
            "here, or send ours once more."
        ),
        (
            Button("take_theirs", "Take QuickBooks' value", primary=True, for_admins=False),
            Button("send_again", "Send once more", for_admins=False),
        ),
    ),
    Cause.OTHER_TOTAL: Wording(
        "scales",
        lambda company, facts: (
            f"{company} counts {facts.get('there')} for this invoice; here it came to "
            f"{facts.get('here')}."
        ),
        _always(
            "Compare the lines, discount and tax of both, and correct the one that is wrong; the "
            "other follows."
        ),
        (Button("seen", "I have seen it", primary=True, for_admins=False),),
    ),
    Cause.COPIED_DATABASE: Wording(
        "copy",
        _copied,
        _always(
            "If the other installation is gone for good, let this one take over the connection."
        ),
        (
            Button(
                "adopt",
                "Take over the connection",
                primary=True,
                page="integrations:adopt",
                asks=True,
            ),
        ),
    ),
}


def sentence(item: Attention) -> str:
    """What is the matter, in one or two sentences. The item's connection must be loaded."""
    return WORDING[item.cause].sentence(item.connection.company_name, item.facts)


def remedy(item: Attention) -> str:
    """What can be done about it."""
    return WORDING[item.cause].remedy(item.facts)


def buttons(item: Attention, *, admin: bool) -> list[Button]:
    """What this person can press; staff get only what does not touch the connection."""
    mine = [each for each in WORDING[item.cause].buttons if admin or not each.for_admins]
    special = [each for each in mine if each.only_for and each.only_for == item.facts.get("why")]
    return special or [each for each in mine if not each.only_for]
