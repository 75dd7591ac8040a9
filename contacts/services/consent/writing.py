"""The one place that writes consents, their history, and the status that contacts show."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from contacts.models import Consent, ConsentEvent, Contact, MarketingStatus
from contacts.signals import became_marketable

What = ConsentEvent.What

#: What lets a confirmation email leave.
_ASKING = (What.REQUESTED, What.ASKED_BACK)

_FIELDS = ("status", "since", "request", "confirmation_wanted_at", "confirmation_sent_at")


@dataclass(frozen=True, slots=True)
class Trace:
    """By whom or through what something happened to consent, and why: it stands in the history."""

    by_id: int | None = None
    source: str = ""
    run: int | None = None
    reason: str = ""
    ip: str | None = None
    at: datetime = field(default_factory=timezone.now)


@dataclass(slots=True)
class Step:
    """One thing that happens to one address."""

    consent: Consent
    what: ConsentEvent.What
    to: MarketingStatus
    contact_id: int | None = None


def consents_of(addresses: Collection[str]) -> dict[str, Consent]:
    """The consent of each address, locked; unsaved and non-marketable where it has none yet.

    The caller holds the row of the contact that has the address, or `addresses.exclude()`.
    """
    known = {
        consent.address: consent
        for consent in Consent.objects.select_for_update()
        .filter(address__in=addresses)
        .order_by("address")
    }
    return {address: known.get(address) or Consent(address=address) for address in addresses}


def write(steps: Collection[Step], trace: Trace) -> None:
    """Take the steps: consents and history in a few statements, however many there are.

    Sends `became_marketable` for the addresses whose status rose to it. The caller writes what
    the contacts show, or calls `show`.
    """
    if not steps:
        return
    events, risen = [], []
    for step in steps:
        consent, old = step.consent, MarketingStatus(step.consent.status)
        events.append(
            ConsentEvent(
                address=consent.address,
                what=step.what,
                old=old,
                new=step.to,
                at=trace.at,
                contact_id=step.contact_id,
                by_id=trace.by_id,
                source=trace.source,
                run=trace.run,
                reason=trace.reason,
                ip=trace.ip,
            )
        )
        _take(step, trace.at)
        if old != step.to == MarketingStatus.MARKETABLE and step.contact_id is not None:
            risen.append((step.contact_id, consent.address))
    Consent.objects.bulk_create(
        {step.consent.address: step.consent for step in steps}.values(),
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=_FIELDS,
    )
    ConsentEvent.objects.bulk_create(events)
    if risen:
        became_marketable.send(Consent, risen=risen)


def show(steps: Iterable[Step]) -> None:
    """Let the contacts of these steps show what their addresses are by now."""
    by_status: dict[MarketingStatus, list[int]] = defaultdict(list)
    for step in steps:
        if step.contact_id is not None:
            by_status[step.to].append(step.contact_id)
    for status, contact_ids in by_status.items():
        Contact.objects.filter(pk__in=contact_ids).update(
            marketing_status=status, updated_at=timezone.now()
        )


def _take(step: Step, now: datetime) -> None:
    consent = step.consent
    if consent.status != step.to:
        consent.status, consent.since = step.to, now
    if step.what in _ASKING:
        # The link of an earlier email keeps working beside the new one.
        consent.request = consent.request or uuid.uuid4()
        consent.confirmation_wanted_at = now
    elif step.what != What.SENT:
        consent.confirmation_wanted_at = None
        if step.to != MarketingStatus.MARKETABLE:
            # Links on their way may not bring back what ends here.
            consent.request = None
