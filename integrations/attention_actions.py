"""What the buttons of Needs attention do. A second press of the same button is harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import Contact, Product, RecordKind, User
from contacts.services.contacts import EmailTakenError, update_contact
from contacts.services.merging import merge_contacts
from contacts.services.products import NameTakenError, ReadOnlyProductError, update_product
from integrations import (
    already_paid,
    attention,
    connection_control,
    importing,
    links,
    outbox,
)
from integrations.models import Attention, Cause, CustomerLink, ItemLink, OutboxEntry, Run, SetAside
from integrations.pulling import contact_fields, product_fields
from integrations.pulling.by_hand import NotPossible

#: What a person chose in the item's form.
Chosen = Mapping[str, str]
Action = Callable[[Attention, User, Chosen], str]


def merge(item: Attention, by: User, chosen: Chosen) -> str:
    """The chosen contact stays, the other one goes into it (R5)."""
    pair = [item.facts.get("contact"), item.facts.get("other")]
    kept = _number(chosen.get("choice"))
    if kept not in pair:
        raise NotPossible("Choose the contact that stays.")
    contacts = Contact.objects.in_bulk([pk for pk in pair if isinstance(pk, int)])
    if len(contacts) < 2:
        attention.close_item(item.connection, Cause.MERGE_CONTACTS, item.key)
        raise NotPossible("One of the two contacts is gone already, so there is nothing to merge.")
    survivor = contacts.pop(kept)
    (loser,) = contacts.values()
    with transaction.atomic():
        try:
            merge_contacts(survivor, loser, by=by)
        except Contact.DoesNotExist as exc:
            raise NotPossible("Somebody merged these two contacts just now.") from exc
        attention.close_item(item.connection, Cause.MERGE_CONTACTS, item.key)
    return f"{loser} was merged into {survivor}."


def keep_apart(item: Attention, by: User, chosen: Chosen) -> str:
    """The two stay two: the link has no common address any more, so nobody is asked again."""
    del by, chosen
    attention.close_item(item.connection, Cause.MERGE_CONTACTS, item.key)
    return "The two contacts stay apart. Nothing was changed."


def choose_product(item: Attention, by: User, chosen: Chosen) -> str:
    """The item of QuickBooks is the chosen product (R11)."""
    choice = _number(chosen.get("choice"))
    if choice is None or choice not in (item.facts.get("products") or []):
        raise NotPossible("Choose one of the products.")
    product = Product.objects.filter(pk=choice).first()
    if product is None:
        raise NotPossible("The product is gone.")
    _match(item, product, by)
    return f"{product} is linked."


def new_product(item: Attention, by: User, chosen: Chosen) -> str:
    """The item of QuickBooks is none of the products here."""
    del chosen
    _match(item, None, by)
    return "A new product was made."


def send_again(item: Attention, by: User, chosen: Chosen) -> str:
    """Send the record as it is now; what QuickBooks refuses again opens a new item."""
    del by, chosen
    kind, record_id = _record(item)
    with transaction.atomic():
        link = _link(item)
        if link is not None:
            fields = item.facts.get("fields") or []
            link.apart = [name for name in link.apart if name not in fields]
            link.save(update_fields=["apart"])
        outbox.enqueue(item.connection, kind, record_id)
        attention.close_item(item.connection, Cause(item.cause), item.key)
    return "It is being sent to QuickBooks."


def send_anyway(item: Attention, by: User, chosen: Chosen) -> str:
    """Send a payment although QuickBooks has the invoice as paid (R18)."""
    del by, chosen
    kind, record_id = _record(item)
    with transaction.atomic():
        # The fact stays with the entry, where the push looks for it.
        held = OutboxEntry.objects.filter(
            connection=item.connection,
            kind=kind,
            record_id=record_id,
            state=OutboxEntry.State.HELD,
        ).update(
            state=OutboxEntry.State.WAITING,
            not_before=timezone.now(),
            held_cause="",
            held_facts={"send_anyway": True},
        )
        if not held:
            raise NotPossible("It is not held any more.")
        attention.close_item(item.connection, Cause.PUSH_HELD, item.key)
        outbox.enqueue(item.connection, kind, record_id)
    return "It is being sent to QuickBooks."


def use_theirs(item: Attention, by: User, chosen: Chosen) -> str:
    """QuickBooks' payment is the same money: drop ours, keep that one (R18)."""
    del chosen
    kind, record_id = _record(item)
    if kind != RecordKind.PAYMENT:
        raise NotPossible("That is not a payment.")
    return already_paid.use_theirs(item.connection, record_id, by)


def seen(item: Attention, by: User, chosen: Chosen) -> str:
    """A person knows; the next answer with another total opens a new item."""
    del by, chosen
    attention.close_item(item.connection, Cause(item.cause), item.key)
    return "Noted."


def take_theirs(item: Attention, by: User, chosen: Chosen) -> str:
    """Write QuickBooks' values of the fields that it did not take, as an edit of this person."""
    del chosen
    link = _link(item)
    fields = item.facts.get("fields") or []
    try:
        if isinstance(link, CustomerLink):
            theirs = contact_fields.base(link)
            update_contact(link.contact, {name: theirs[name] for name in fields}, by=by)
        elif isinstance(link, ItemLink):
            theirs = product_fields.base(link)
            update_product(link.product, {name: theirs[name] for name in fields}, by=by)
        else:
            raise NotPossible("QuickBooks no longer has this record.")
    except (EmailTakenError, NameTakenError, ReadOnlyProductError) as exc:
        raise NotPossible(f"The value cannot be taken over: {exc}") from exc
    attention.close_item(item.connection, Cause.NOT_TAKEN, item.key)
    return "QuickBooks' value is here now."


def try_again(item: Attention, by: User, chosen: Chosen) -> str:
    """Ask QuickBooks now; an answer closes the item."""
    del by, chosen
    connection_control.sync_now(item.connection)
    return "QuickBooks is being asked again; this entry goes away by itself if it answers."


def import_again(item: Attention, by: User, chosen: Chosen) -> str:
    del chosen
    failed = item.connection.runs.imports().order_by("-started_at", "-id").first()
    kind = Run.Kind(failed.kind) if failed else Run.Kind.IMPORT
    with transaction.atomic():
        importing.start(item.connection, kind=kind, trigger=Run.Trigger.PERSON, by=by)
        attention.close_item(item.connection, Cause.IMPORT_FAILED, item.key)
    return "The import started again."


ACTIONS: Final[Mapping[str, Action]] = {
    "merge": merge,
    "keep_apart": keep_apart,
    "choose_product": choose_product,
    "new_product": new_product,
    "send_again": send_again,
    "send_anyway": send_anyway,
    "use_theirs": use_theirs,
    "seen": seen,
    "take_theirs": take_theirs,
    "try_again": try_again,
    "import_again": import_again,
}


def _match(item: Attention, product: Product | None, by: User) -> None:
    waiting = SetAside.objects.filter(
        connection=item.connection, kind="Item", external_id=str(item.facts.get("item", ""))
    ).first()
    if waiting is None:
        attention.close_item(item.connection, Cause.PRODUCT_MATCH, item.key)
        raise NotPossible("The product came in meanwhile, so there is nothing to choose.")
    try:
        with transaction.atomic():
            links.choose_product(waiting, product, by)
            attention.close_item(item.connection, Cause.PRODUCT_MATCH, item.key)
    except IntegrityError as exc:
        raise NotPossible(f"{product} is linked to another product of QuickBooks.") from exc
    except ValueError as exc:
        raise NotPossible("What QuickBooks sent about this product cannot be read.") from exc


def _record(item: Attention) -> tuple[RecordKind, int]:
    try:
        return RecordKind(item.facts["kind"]), int(item.facts["record"])
    except (KeyError, ValueError) as exc:
        raise NotPossible("The record is gone.") from exc


def _link(item: Attention) -> CustomerLink | ItemLink | None:
    kind, record_id = _record(item)
    if kind == RecordKind.CONTACT:
        return CustomerLink.objects.filter(
            connection=item.connection, contact=record_id, is_main=True, gone_at=None
        ).first()
    if kind == RecordKind.PRODUCT:
        return ItemLink.objects.filter(
            connection=item.connection, product=record_id, gone_at=None
        ).first()
    return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
