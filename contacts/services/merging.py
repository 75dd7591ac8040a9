"""Two contacts that are one person become one (R5)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat

from contacts.models import (
    Contact,
    FieldChange,
    Invoice,
    MarketingStatus,
    Origin,
    Payment,
    RecordKind,
    User,
)
from contacts.services import history
from contacts.services.contacts import forget_consent
from contacts.signals import contacts_merged, record_changed

_ADDRESS = (
    "line1",
    "line2",
    "line3",
    "line4",
    "line5",
    "city",
    "region",
    "postal_code",
    "country",
)


class SameContactError(ValueError):
    """A contact cannot be merged with itself."""


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

        Invoice.objects.filter(contact=gone).update(contact=kept)
        Payment.objects.filter(contact=gone).update(contact=kept)
        _take_history(kept, gone)
        contacts_merged.send(Contact, survivor=kept, loser=gone)
        # Before the survivor may take its address, which names one contact only.
        Contact.objects.filter(pk=gone.pk).delete()

        filled = _fill(kept, gone, by)
        _keep_refusal(kept, gone, by)
        if filled:
            record_changed.send(Contact, record=kept, fields=filled, origin=Origin.CRM)
    return kept


def differences(survivor: Contact, loser: Contact) -> list[tuple[str, str, str]]:
    """What a merge would do to the fields: `(field, survivor's, loser's)` where the loser's is
    not empty and not the same."""
    return [
        (field, getattr(survivor, field), getattr(loser, field))
        for field in Contact.SYNCED_FIELDS
        if getattr(loser, field) and getattr(loser, field) != getattr(survivor, field)
    ]


def _fill(kept: Contact, gone: Contact, by: User | None) -> frozenset[str]:
    """Fill the survivor's empty fields; an address is filled whole or not at all, never mixed."""
    has_address = any(getattr(kept, field) for field in _ADDRESS)
    filled: dict[str, tuple[object, object]] = {}
    left: dict[str, tuple[object, object]] = {}
    for field, ours, theirs in differences(kept, gone):
        if ours or (field in _ADDRESS and has_address):
            left[field] = (theirs, ours)
        else:
            filled[field] = (ours, theirs)
            setattr(kept, field, theirs)
    if filled:
        kept.save(update_fields=[*filled, "updated_at"])
        kept.refresh_from_db(fields=["name"])
    note = f"From the merged contact {gone} ({gone.pk})."
    merged = {history.MERGED: (f"{gone} ({gone.pk})", f"{kept} ({kept.pk})")}
    history.record_changes(RecordKind.CONTACT, kept.pk, merged, Origin.CRM, by=by)
    history.record_changes(RecordKind.CONTACT, kept.pk, left | filled, Origin.CRM, by=by, note=note)
    if "email" in filled:
        forget_consent(kept, "", by=by)
    return frozenset(filled)


def _keep_refusal(kept: Contact, gone: Contact, by: User | None) -> None:
    """Whoever unsubscribed under either address stays unsubscribed: consent never rises (R8)."""
    refused = MarketingStatus.UNSUBSCRIBED
    if gone.marketing_status != refused or kept.marketing_status == refused:
        return
    before, kept.marketing_status = kept.marketing_status, refused
    kept.save(update_fields=["marketing_status", "updated_at"])
    history.record_changes(
        RecordKind.CONTACT,
        kept.pk,
        {"marketing_status": (before, refused)},
        Origin.CRM,
        by=by,
        note=f"The merged contact {gone.pk} had unsubscribed.",
    )


def _take_history(kept: Contact, gone: Contact) -> None:
    """The loser's entries belong to the survivor from now on and say whose they were."""
    text = TextField()
    whose = Value(f"Of the merged contact {gone.pk}.", output_field=text)
    both = Concat(F("note"), Value(" ", output_field=text), whose, output_field=text)
    FieldChange.objects.filter(kind=RecordKind.CONTACT, record_id=gone.pk).update(
        record_id=kept.pk, note=Case(When(note="", then=whose), default=both, output_field=text)
    )
