"""Two contacts that are one person become one (R5)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat

from contacts.models import (
    Contact,
    Delivery,
    Enrolment,
    FieldChange,
    Invoice,
    MarketingStatus,
    Origin,
    Payment,
    RecordKind,
    User,
)
from contacts.services import history
from contacts.services.consent.following import Move, follow
from contacts.services.consent.writing import Trace
from contacts.signals import contacts_merged, record_changed


class SameContactError(ValueError):
    """A contact cannot be merged with itself."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What merging two contacts does to the one that stays.

    `filled`: its empty fields that take the other's value, `{field: (old, new)}`. `left`: fields
    where it keeps its own, `{field: (the other's, its own)}`. `status`: its marketing status.
    """

    filled: dict[str, tuple[str, str]]
    left: dict[str, tuple[str, str]]
    status: MarketingStatus


def planned(survivor: Contact, loser: Contact) -> Merge:
    """What `merge_contacts` would do now. An address is filled whole or not at all, never mixed."""
    has_address = any(getattr(survivor, field) for field in Contact.ADDRESS_FIELDS)
    filled: dict[str, tuple[str, str]] = {}
    left: dict[str, tuple[str, str]] = {}
    for field in Contact.SYNCED_FIELDS:
        ours, theirs = getattr(survivor, field), getattr(loser, field)
        if not theirs or theirs == ours:
            continue
        if ours or (field in Contact.ADDRESS_FIELDS and has_address):
            left[field] = (theirs, ours)
        else:
            filled[field] = (ours, theirs)
    status = MarketingStatus(survivor.marketing_status)
    if MarketingStatus.UNSUBSCRIBED in (survivor.marketing_status, loser.marketing_status):
        # Whoever unsubscribed under either address stays so (R8).
        status = MarketingStatus.UNSUBSCRIBED
    elif "email" in filled:
        # An address that a contact leaves has agreed to nothing any more.
        status = MarketingStatus.NON_MARKETABLE
    return Merge(filled, left, status)


def merge_contacts(survivor: Contact, loser: Contact, *, by: User | None = None) -> Contact:
    """Move everything of `loser` to `survivor`, then delete `loser`. One transaction.

    Invoices, payments and history move. Fields empty on the survivor are filled from the loser;
    where both hold a value the survivor's stays and the loser's goes to history, from where one
    click brings it. Contact.DoesNotExist when one of them is gone already.
    """
    if survivor.pk == loser.pk:
        raise SameContactError("A contact cannot be merged with itself.")
    with transaction.atomic():
        # Both in one order, so that two people merging the same pair wait instead of deadlocking.
        locked = {
            contact.pk: contact
            for contact in Contact.objects.select_for_update()
            .filter(pk__in=[survivor.pk, loser.pk])
            .order_by("pk")
        }
        if len(locked) < 2:
            raise Contact.DoesNotExist("One of the two contacts is gone.")
        kept, gone = locked[survivor.pk], locked[loser.pk]
        merge = planned(kept, gone)

        # Payments before invoices, as everywhere.
        Payment.objects.filter(contact=gone).update(contact=kept)
        Invoice.objects.filter(contact=gone).update(contact=kept)
        Delivery.objects.filter(contact=gone).update(contact=kept)
        Enrolment.objects.filter(contact=gone).update(contact=kept)
        _take_history(kept, gone)
        contacts_merged.send(Contact, survivor=kept, loser=gone)
        # Before the survivor may take its address, which names one contact only.
        Contact.objects.filter(pk=gone.pk).delete()
        _change(kept, gone, merge, by)
        if merge.filled:
            fields = frozenset(merge.filled)
            record_changed.send(Contact, record=kept, fields=fields, origin=Origin.CRM)
    return kept


def _take_history(kept: Contact, gone: Contact) -> None:
    """The loser's entries belong to the survivor from now on and say whose they were."""
    text = TextField()
    whose = Value(f"Of the merged contact {gone.pk}.", output_field=text)
    both = Concat(F("note"), Value(" ", output_field=text), whose, output_field=text)
    FieldChange.objects.filter(kind=RecordKind.CONTACT, record_id=gone.pk).update(
        record_id=kept.pk, note=Case(When(note="", then=whose), default=both, output_field=text)
    )


def _change(kept: Contact, gone: Contact, merge: Merge, by: User | None) -> None:
    """Write what was planned into the survivor, and all of it into the history."""
    summary = {history.MERGED: (f"{gone} ({gone.pk})", f"{kept} ({kept.pk})")}
    former = kept.email
    for field, (_, value) in merge.filled.items():
        setattr(kept, field, value)
    _follow(kept, former, gone, by)
    kept.save(update_fields=[*merge.filled, "marketing_status", "updated_at"])
    kept.refresh_from_db(fields=["name"])

    note = f"From the merged contact {gone} ({gone.pk})."
    values = merge.left | merge.filled
    history.record_changes(RecordKind.CONTACT, kept.pk, summary, Origin.CRM, by=by)
    history.record_changes(RecordKind.CONTACT, kept.pk, values, Origin.CRM, by=by, note=note)


def _follow(kept: Contact, former: str, gone: Contact, by: User | None) -> None:
    """Consent stays with the addresses; the survivor shows that of its own (R8)."""
    stopped = gone.marketing_status == MarketingStatus.UNSUBSCRIBED
    trace = Trace(by_id=by.pk if by else None, source=f"Merging with {gone} ({gone.pk})")
    # Told in the history of the one that stays.
    follow([Move(kept.pk, gone.email, "")], trace)
    moved = follow([Move(kept.pk, former, kept.email, stopped)], trace)
    kept.marketing_status = moved.get(kept.pk, kept.marketing_status)
