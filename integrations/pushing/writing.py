"""One write to QuickBooks, under its request id, and the remedies for what it is refused for."""

from __future__ import annotations

from typing import Final

import msgspec
from django.db import transaction

from contacts.models import RecordKind
from integrations import outbox
from integrations.models import OutboxEntry
from integrations.pulling.balances import reckon_balances
from integrations.pulling.work import Work
from integrations.pushing import contacts, lookups, payments, products
from integrations.pushing.ending import hold
from integrations.pushing.history import noted
from integrations.pushing.kinds import KINDS
from integrations.pushing.outcome import Hold, NotYet, Step, Write
from integrations.quickbooks import faults
from integrations.quickbooks.client import QuickBooksApi
from integrations.session import Session

_STALE_AGAIN_SECONDS: Final = 30.0


def next_step(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """What the record lacks in QuickBooks, as it is now."""
    try:
        return KINDS[entry.kind].next_write(session, work, entry)
    except NotYet as exc:
        return exc.step


def write(session: Session, entry: OutboxEntry) -> bytes:
    """Send the stored bytes under the stored request id, the first time and every other."""
    entity = KINDS[entry.kind].entity

    def send(api: QuickBooksApi) -> bytes:
        return api.write(entry.path, bytes(entry.body), entry.request_id).object(entity)

    return session.call(send)


def write_with_remedies(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """Write, and answer what can be answered: a stale token by one read and merge, a taken name
    by a longer one or by its holder, a taken number and a balance that was paid
    meanwhile by looking.

    None when the entry was put back or held. Raises every other fault.
    """
    try:
        return write(session, entry)
    except faults.StaleObject:
        return _write_after_merge(session, work, entry)
    except faults.DuplicateName:
        if entry.kind == RecordKind.PRODUCT and products.link_by_name(session, work, entry):
            return _write_anew(session, work, entry)
        return _write_by_longer_name(session, work, entry)
    except faults.DuplicateNumber as exc:
        made = lookups.holder_of_number(session, work, entry, exc)
        if made is None:
            raise
        return made
    except faults.Rejected:
        if entry.kind != RecordKind.PAYMENT or not payments.look_at_invoices(session, work, entry):
            raise
        return _write_anew(session, work, entry)


def _write_after_merge(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    kind = KINDS[entry.kind]
    external_id = _external_id(entry)
    raw = session.call(lambda api: api.read(kind.entity, external_id))
    with noted(work), transaction.atomic():
        outbox.guard(entry)
        kind.take_in(work, entry, raw)
        reckon_balances(work)
        work.write_history()
    return _write_anew(session, work, entry)


def _write_anew(session: Session, work: Work, entry: OutboxEntry) -> bytes | None:
    """Work out once more what to send, now that more is known."""
    refused = bytes(entry.body)
    step = next_step(session, work, entry)
    if isinstance(step, Hold):
        hold(work, entry, step.cause, step.facts)
        return None
    if not isinstance(step, Write):
        outbox.start_over(entry, 0)
        return None
    if step.body == refused:
        raise faults.Rejected
    outbox.keep_bytes(entry, step.path, step.body)
    try:
        return write(session, entry)
    except faults.StaleObject:
        # Somebody is typing there: later.
        outbox.start_over(entry, _STALE_AGAIN_SECONDS)
        return None


def _write_by_longer_name(session: Session, work: Work, entry: OutboxEntry) -> bytes:
    if entry.kind != RecordKind.CONTACT:
        raise faults.DuplicateName
    if entry.attempts > 1:
        # The name may be taken by what an earlier attempt made.
        made = lookups.made_customer(session, work, entry)
        if made is not None:
            return made
    longer = contacts.renamed(entry)
    if longer is None:
        raise faults.DuplicateName
    outbox.keep_bytes(entry, longer.path, longer.body)
    return write(session, entry)


def _external_id(entry: OutboxEntry) -> str:
    """The object that the stored update was for."""
    return str(msgspec.json.decode(bytes(entry.body))["Id"])
