"""Why a record is held back from QuickBooks, and what to do about it (R15, R23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from contacts.display.dates import short_date
from integrations.pushing.outcome import Held


@dataclass(frozen=True, slots=True)
class Wording:
    """`why` completes "Not sent to QuickBooks:"; {name}, {currency}, {on} come from the facts."""

    why: str
    remedy: str


_ALONE: Final = "It is then sent by itself."
_LOOK_THERE: Final = (
    "Enter it in QuickBooks once by hand, without saving: what stands against it is said there. "
    "Settle that, then try again."
)
_TAX_SETTINGS: Final = "Look at the sales tax settings in QuickBooks, then try again."
_ACCOUNT: Final = "Choose another account on the QuickBooks card, then try again."

HELD: Final[Mapping[str, Wording]] = {
    Held.DEPENDENCY: Wording(
        "what it refers to has to go first.",
        f"Settle what is said about its contact, products or invoice. {_ALONE}",
    ),
    Held.NO_EMAIL: Wording("it has no email address.", f"Add an address. {_ALONE}"),
    Held.INACTIVE_MATCH: Wording(
        "{name} is its counterpart there, and is inactive or there more than once.",
        "Make it active in QuickBooks, and leave one of that name; then try again.",
    ),
    Held.NAME_TAKEN: Wording(
        "its name is taken there.",
        "Names are unique in QuickBooks, also across customers, vendors and employees. Change the "
        "name here or there, then try again.",
    ),
    Held.NUMBER_TAKEN: Wording(
        "its number is taken there.",
        "Change the number of the other invoice in QuickBooks, then try again.",
    ),
    Held.NO_INCOME_ACCOUNT: Wording(
        "QuickBooks has no income account to book it to.",
        f"Create an account of the type Income in QuickBooks. {_ALONE}",
    ),
    Held.NO_EXEMPT_CODE: Wording(
        "QuickBooks has no tax code named exactly Exempt.",
        f"Create an active tax code named exactly Exempt in QuickBooks. {_ALONE}",
    ),
    Held.NO_FALLBACK_ITEM: Wording(
        "it has lines without a product, and there is no product for them.",
        f"Choose a product for each line, or create a service in QuickBooks. {_ALONE}",
    ),
    Held.NO_DISCOUNT: Wording(
        "it has a discount, and the company does not use discounts.",
        f"Turn discounts on in QuickBooks, under Sales in its settings. {_ALONE}",
    ),
    Held.OTHER_CURRENCY: Wording(
        "no customer of this contact there uses its currency {currency}.",
        "A customer in QuickBooks has one currency. Create one for this currency with the same "
        "address, then try again.",
    ),
    Held.ALREADY_PAID: Wording(
        "its invoice is already paid there{on}, or less is open than this payment.",
        "If it is the same money, use that one: the payment made here becomes void, with a note. "
        "If both were received, send it anyway.",
    ),
    Held.CLOSED_BOOKS: Wording(
        "its date does not lie after the closing date of the books.",
        f"Change the date, or the closing date in QuickBooks. {_ALONE}",
    ),
    Held.DEPOSITED: Wording(
        "it was put into a bank deposit there.",
        "Take it out of the deposit in QuickBooks, then try again.",
    ),
    Held.SUBSCRIPTION_ENDED: Wording(
        "the company's QuickBooks subscription has ended.",
        f"Renew the subscription at Intuit. {_ALONE}",
    ),
    Held.GONE: Wording(
        "it, or something it refers to, is gone or inactive there.",
        "Make it active in QuickBooks, then try again.",
    ),
    Held.ADDRESS_TAKEN: Wording(
        "{name} has its address there, and is another contact's or set to not sync here.",
        "Merge the two contacts here, let that customer sync, or change one of the addresses.",
    ),
    Held.BUNDLE: Wording(
        "{name} is a bundle, and QuickBooks takes bundles on its own forms only.",
        f"Put the products that are in it on separate lines. {_ALONE}",
    ),
    Held.INACTIVE_PRODUCT: Wording(
        "{name} is inactive.",
        f"Make it active, or choose another product for its line. {_ALONE}",
    ),
    Held.REJECTED: Wording(
        "QuickBooks refused it.",
        "Look for what is unusual about its fields, correct it, and it is sent again by itself.",
    ),
}


#: What QuickBooks' own codes mean, where one refuses with no cause of ours (facts 2.6).
REFUSALS: Final[Mapping[str, Wording]] = {
    "600": Wording("QuickBooks counts it as sent already.", _LOOK_THERE),
    "620": Wording(
        "there its payment and its invoice belong to different customers.",
        "Record the payment for the contact whose invoice it pays.",
    ),
    "2020": Wording(
        "QuickBooks asks for something with it that is not sent from here, as the exchange rate "
        "of another currency may be.",
        "Enter it in QuickBooks instead, from where it comes in by itself; an invoice or payment "
        "is then to be voided here.",
    ),
    "2050": Wording("one of its texts is longer than QuickBooks takes.", f"Shorten it. {_ALONE}"),
    "2180": Wording(
        "one of its texts has characters that QuickBooks does not take.",
        f"Look for tabs, colons in names, and signs that no keyboard has. {_ALONE}",
    ),
    "2210": Wording(
        "its email address is not one that QuickBooks takes.", f"Correct the address. {_ALONE}"
    ),
    "6000": Wording("a rule of the company's books stands against it.", _LOOK_THERE),
    "6080": Wording("it has no name.", f"Give the contact a name or a company. {_ALONE}"),
    "6100": Wording("its tax code does not fit the company's tax settings.", _TAX_SETTINGS),
    "6170": Wording("the company's tax settings do not allow its tax.", _TAX_SETTINGS),
    "6430": Wording("the account it is booked to is not of the right type.", _ACCOUNT),
    "6440": Wording("the account it is booked to is not of the right type.", _ACCOUNT),
    "6470": Wording("the account it is booked to is not of the right type.", _ACCOUNT),
}


def wording_of(cause: str, facts: Mapping[str, object] | None = None) -> Wording:
    """Of this cause; of QuickBooks' code for a refusal without one, or with one not known here."""
    known = HELD.get(cause)
    if known is None or cause == Held.REJECTED:
        return REFUSALS.get(str((facts or {}).get("code", "")), HELD[Held.REJECTED])
    return known


def why(cause: str, facts: Mapping[str, object] | None = None) -> str:
    """Why, with the names that the facts hold."""
    known = facts or {}
    code = f" Its code is {known['code']}." if known.get("code") else ""
    name = f"“{known['name']}”" if known.get("name") else "a record"
    return _filled(wording_of(cause, known).why, known, name) + code


def _filled(sentence: str, known: Mapping[str, object], name: str) -> str:
    paid_on = str(known.get("paid_on") or "")
    on = f" on {short_date(date.fromisoformat(paid_on))}" if paid_on else ""
    return sentence.format(name=name, currency=known.get("currency", ""), on=on)
