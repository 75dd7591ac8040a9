"""Consent stays with its address when contacts are made, change theirs, or become one (R8).

None of this ever raises consent: an address that a contact leaves has agreed to nothing any more,
one that it takes starts non-marketable, and whoever unsubscribed stays so on either.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from contacts.addresses import key_of
from contacts.models import Consent, MarketingStatus
from contacts.services.consent import addresses
from contacts.services.consent.writing import Step, Trace, What, consents_of, write

_NON_MARKETABLE = MarketingStatus.NON_MARKETABLE
_UNSUBSCRIBED = MarketingStatus.UNSUBSCRIBED
_DROPPED = (MarketingStatus.MARKETABLE, MarketingStatus.WAITING)


@dataclass(frozen=True, slots=True)
class Move:
    """A contact's address before and after; none is empty, as before of a new contact.

    `unsubscribed`: it takes over from someone who unsubscribed under another address.
    """

    contact_id: int
    before: str
    after: str
    unsubscribed: bool = False

    @property
    def changes(self) -> bool:
        return key_of(self.before) != key_of(self.after)


def follow(moves: Collection[Move], trace: Trace) -> dict[int, MarketingStatus]:
    """Settle consent for these moves; the status that each contact concerned has to show, by id.

    Call it in the transaction that writes the addresses, with the contacts' rows locked. Two
    statements however many moves, and two more for each kind of change to a consent.
    """
    news = [move for move in moves if move.changes or move.unsubscribed]
    touched = {key_of(a) for move in news for a in (move.before, move.after)} - {""}
    if not touched:
        return {move.contact_id: _NON_MARKETABLE for move in news}
    addresses.share()
    consents = consents_of(touched)
    write(_left(news, consents), trace)
    write(_taken(news, consents), trace)
    return {
        move.contact_id: MarketingStatus(consents[key_of(move.after)].status)
        if key_of(move.after)
        else _NON_MARKETABLE
        for move in news
    }


def _left(moves: Collection[Move], consents: dict[str, Consent]) -> list[Step]:
    return [
        Step(consent, What.LEFT, _NON_MARKETABLE, move.contact_id)
        for move in moves
        if move.changes
        and (consent := consents.get(key_of(move.before)))
        and consent.status in _DROPPED
    ]


def _taken(moves: Collection[Move], consents: dict[str, Consent]) -> list[Step]:
    steps = []
    for move in moves:
        consent = consents.get(key_of(move.after))
        if consent is None:
            continue
        former = consents.get(key_of(move.before))
        gone = move.unsubscribed or (former is not None and former.status == _UNSUBSCRIBED)
        if consent.status == _UNSUBSCRIBED:
            if move.changes:
                steps.append(Step(consent, What.RECOGNISED, _UNSUBSCRIBED, move.contact_id))
        elif gone:
            steps.append(Step(consent, What.CARRIED, _UNSUBSCRIBED, move.contact_id))
        elif move.changes and consent.status in _DROPPED:
            # Whoever had the address before is gone without having left it.
            steps.append(Step(consent, What.LEFT, _NON_MARKETABLE, move.contact_id))
    return steps
