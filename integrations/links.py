"""What a person decides about links: made, taken back, left alone, the main customer (R5, R22)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import Contact, Product, User
from integrations import outbox
from integrations.models import (
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    Link,
    Reason,
    SetAside,
)
from integrations.pulling import by_hand, item_linking, main_customer, wake
from integrations.pulling.apply import Rows, apply_rows
from integrations.pulling.work import Work
from integrations.quickbooks import faults
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import CustomerRecord, ItemRecord, PaymentRecord, Tombstone
from integrations.session import Session


@transaction.atomic
def make_main(link: CustomerLink, by: User) -> None:
    """Let this customer give and receive its contact's fields from now on (R5)."""
    work = Work(link.connection, None, timezone.now(), by_id=by.pk)
    main_customer.make_main(work, link)
    work.write_history()


@transaction.atomic
def include(aside: SetAside, by: User) -> None:
    """Apply what was set aside once more, as it was last seen."""
    work = Work(aside.connection, None, timezone.now(), by_id=by.pk)
    if aside.reason == Reason.NOT_WANTED:
        # A person's word alone; what else may be the matter with it, applying tells.
        aside.delete()
    apply_rows(work, Rows.of({aside.kind: [aside.snapshot.encode()]}))


@transaction.atomic
def choose_product(aside: SetAside, product: Product | None, by: User) -> None:
    """Link the item to the product a person chose, or to a new one if none was meant (R11).

    Raises ValueError if the item cannot be read, IntegrityError if the product is linked already.
    """
    record = read_record(ItemRecord.entity, aside.snapshot.encode())
    if not isinstance(record, ItemRecord):
        raise ValueError("only a readable item can be matched")
    work = Work(aside.connection, None, timezone.now(), by_id=by.pk)
    item_linking.link_as_chosen(work, record, product)
    work.write_history()


def link_by_hand(record: Contact | Product, there: CustomerRecord | ItemRecord, by: User) -> None:
    """This record here is that object there, because a person says so (R22).

    The invoices that waited for it come in with the pull this asks for. Raises by_hand.NotPossible.
    """
    try:
        _link(record, there, by)
    except IntegrityError as exc:
        # A pull was faster: it linked the object, or gave its address to somebody.
        raise by_hand.NotPossible("It was linked this very moment. Look again.") from exc


def _link(record: Contact | Product, there: CustomerRecord | ItemRecord, by: User) -> None:
    with _decision(by) as work:
        if isinstance(record, Contact) and isinstance(there, CustomerRecord):
            by_hand.link_customer(work, record, there)
        elif isinstance(record, Product) and isinstance(there, ItemRecord):
            by_hand.link_item(work, record, there)
        else:
            raise TypeError("contacts are customers, and products are items")
        wake(work.connection.pk)


def unlink(link: CustomerLink | ItemLink, by: User) -> None:
    """Take a link back; both records stay. Repeatable. Raises by_hand.NotPossible."""
    with _decision(by) as work:
        by_hand.unlink(work, link)


def leave_alone(link: Link, by: User) -> None:
    """Let nothing move between the two until a person says so. Repeatable."""
    with _decision(by) as work:
        by_hand.leave_alone(work, link)


def sync_again(session: Session, link: Link, by: User) -> None:
    """Go on, with what happened there meanwhile first and then what was edited here.

    One read, for an invoice with payments two. Raises by_hand.NotPossible, and what a call raises.
    """
    if not by_hand.left_alone(link):
        raise by_hand.NotPossible("It is synced already, or stays as it was before a reset.")
    kind, record_id = by_hand.record_of(link)
    rows = _as_it_is_now(session, link)
    with _decision(by) as work:
        by_hand.wake_up(work, link)
        apply_rows(work, rows)
        outbox.enqueue(work.connection, kind, record_id)


@transaction.atomic
def leave_out(aside: SetAside) -> None:
    """Not even when its reason is gone does it come in by itself (R22)."""
    SetAside.objects.filter(pk=aside.pk).update(
        reason=Reason.NOT_WANTED, detail="", since=timezone.now()
    )


@contextmanager
def _decision(by: User) -> Iterator[Work]:
    """One transaction of a person's, with its history."""
    with transaction.atomic():
        connection = Connection.objects.live().get()
        work = Work(connection, None, timezone.now(), by_id=by.pk)
        yield work
        work.write_history()


def _as_it_is_now(session: Session, link: Link) -> Rows:
    entity = by_hand.entity_of(link)
    try:
        raw = session.call(lambda api: api.read(entity, link.external_id))
    except faults.NotFound:
        if not isinstance(link, InvoiceLink):
            raise
        return Rows(tombstones=[Tombstone(entity, link.external_id, timezone.now())])
    rows = {entity: [raw]}
    told: dict[str, Any] = msgspec.json.decode(raw)
    payments = [
        each["TxnId"]
        for each in told.get("LinkedTxn") or []
        if each.get("TxnType") == PaymentRecord.entity and each.get("TxnId")
    ]
    if payments:
        statement = select_page(PaymentRecord.entity, ids=payments)
        rows[PaymentRecord.entity] = list(session.call(lambda api: api.query(statement)).records)
    return Rows.of(rows)
