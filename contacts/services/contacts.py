"""What a person does to a contact. Each function is one transaction: the record, its history and
the announcement to whoever keeps it in step elsewhere are saved together or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.addresses import key_of
from contacts.models import Contact, Origin, RecordKind, User
from contacts.services import history
from contacts.services.consent.following import Move, follow
from contacts.services.consent.writing import Trace
from contacts.signals import record_changed

_NAME_PARTS = frozenset({"first_name", "middle_name", "last_name", "company", "email"})


class EmailTakenError(Exception):
    """The address belongs to another contact; merging the two is the remedy (R5)."""

    def __init__(self, holder: Contact) -> None:
        super().__init__(f"The address belongs to contact {holder.pk} already.")
        self.holder = holder


def with_email(email: str) -> QuerySet[Contact]:
    """The contact of that address, case-insensitively; none for an empty one."""
    if not email:
        return Contact.objects.none()
    return Contact.objects.filter(email__lower=key_of(email))


def create_contact(fields: Mapping[str, str], *, by: User | None = None) -> Contact:
    """A new contact, non-marketable unless its address unsubscribed before (R8).

    EmailTakenError when the address is another's (R5).
    """
    contact = Contact(**{field: value.strip() for field, value in fields.items()})
    with transaction.atomic():
        _save(contact)
        _follow(contact, "", by)
        history.record_changes(
            RecordKind.CONTACT, contact.pk, {history.CREATED: ("", contact)}, Origin.CRM, by=by
        )
        filled = frozenset(f for f in Contact.SYNCED_FIELDS if getattr(contact, f))
        record_changed.send(Contact, record=contact, fields=filled, origin=Origin.CRM)
    return contact


def update_contact(
    contact: Contact, changes: Mapping[str, str], *, by: User | None = None, note: str = ""
) -> frozenset[str]:
    """Write `changes` and nothing else over the contact as it is now; the names that changed.

    A value equal to what is stored is no change. EmailTakenError as in `create_contact`.
    """
    with transaction.atomic():
        current = Contact.objects.select_for_update().get(pk=contact.pk)
        wanted = {field: value.strip() for field, value in changes.items()}
        changed = {
            field: (getattr(current, field), value)
            for field, value in wanted.items()
            if getattr(current, field) != value
        }
        if not changed:
            return frozenset()
        for field, (_, value) in changed.items():
            setattr(current, field, value)
        _save(current, changed)
        history.record_changes(
            RecordKind.CONTACT, current.pk, changed, Origin.CRM, by=by, note=note
        )
        if "email" in changed:
            _follow(current, changed["email"][0], by)
        if changed.keys() & _NAME_PARTS:
            current.refresh_from_db(fields=["name"])
        fields = frozenset(changed)
        record_changed.send(Contact, record=current, fields=fields, origin=Origin.CRM)
    return fields


def archive_contact(contact: Contact, *, by: User | None = None) -> None:
    """Hide it from lists and choices; nothing changes on the other side (R22). Repeatable."""
    _set_archived(contact, True, by)


def unarchive_contact(contact: Contact, *, by: User | None = None) -> None:
    """Bring an archived contact back. Repeatable."""
    _set_archived(contact, False, by)


def _follow(contact: Contact, former: str, by: User | None) -> None:
    """Consent stays with the address; the saved contact shows that of its own (R8)."""
    moved = follow([Move(contact.pk, former, contact.email)], Trace(by_id=by.pk if by else None))
    status = moved.get(contact.pk, contact.marketing_status)
    if status != contact.marketing_status:
        contact.marketing_status = status
        contact.save(update_fields=["marketing_status", "updated_at"])


def _set_archived(contact: Contact, archived: bool, by: User | None) -> None:
    with transaction.atomic():
        moved = Contact.objects.filter(pk=contact.pk, archived_at__isnull=archived).update(
            archived_at=timezone.now() if archived else None
        )
        if moved:
            history.record_changes(
                RecordKind.CONTACT,
                contact.pk,
                {history.ARCHIVED: (not archived, archived)},
                Origin.CRM,
                by=by,
            )


def _save(contact: Contact, changed: Mapping[str, object] | None = None) -> None:
    try:
        with transaction.atomic():
            if changed is None:
                contact.save()
            else:
                contact.save(update_fields=[*changed, "updated_at"])
    except IntegrityError as error:
        holder = with_email(contact.email).exclude(pk=contact.pk).first()
        if holder is None:
            raise
        raise EmailTakenError(holder) from error
