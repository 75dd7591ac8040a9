"""A contact outwards (R9, R10): its main customer is updated, found by its address, or created."""

from __future__ import annotations

from django.db import transaction

from contacts.addresses import key_of
from contacts.models import Contact, Invoice, RecordKind
from integrations import merge
from integrations.models import Connection, CustomerLink, OutboxEntry
from integrations.pulling import contact_fields
from integrations.pulling.customer_linking import link_to
from integrations.pulling.customers import apply_customers
from integrations.pulling.work import Work
from integrations.pushing.history import noted
from integrations.pushing.leftovers import is_last_word, lay_apart
from integrations.pushing.outcome import Held, Hold, NothingToSend, Step, Write
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.outgoing import customers as outgoing
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import CustomerRecord
from integrations.session import Session

PATH = "customer"


def next_write(session: Session, work: Work, entry: OutboxEntry) -> Step:
    """Work out what QuickBooks lacks; looks the address up there if the contact has no link."""
    contact = Contact.objects.filter(pk=entry.record_id).first()
    if contact is None:
        return NothingToSend()
    if not contact.email:
        return Hold(Held.NO_EMAIL)
    link = main_link(entry) or _find(session, work, entry, contact)
    if isinstance(link, Hold):
        return link
    if link is None:
        return Write(PATH, _creation(work.connection, contact))
    # Finding its customer may have changed it.
    contact.refresh_from_db()
    return update_of(link, contact)


def update_of(link: CustomerLink, contact: Contact) -> Step:
    """The sparse update that the customer lacks."""
    if link.frozen_at or link.without_email:
        return NothingToSend()
    here = contact_fields.here(contact)
    changed = merge.unsent(contact_fields.base(link), here, link.apart)
    if not changed:
        return NothingToSend()
    return Write(PATH, outgoing.update(link.external_id, link.sync_token, here, changed))


def renamed(entry: OutboxEntry) -> Write | None:
    """The creation once more, the address added to a name that is taken (R9).

    None where that is what was refused, or for an update, whose name is never touched.
    """
    if main_link(entry) is not None:
        return None
    contact = Contact.objects.get(pk=entry.record_id)
    again = _creation(entry.connection, contact, with_address=True)
    return None if again == bytes(entry.body) else Write(PATH, again)


def keep(work: Work, entry: OutboxEntry, raw: bytes) -> None:
    """The answer is the new base. Part of the transaction that takes the entry off the outbox."""
    link = take_in(work, entry, raw)
    if is_last_word(entry):
        contact = Contact.objects.get(pk=link.contact_id)
        left = merge.unsent(contact_fields.base(link), contact_fields.here(contact), link.apart)
        lay_apart(work, entry, link, left)


def take_in(work: Work, entry: OutboxEntry, raw: bytes) -> CustomerLink:
    """Merge the customer as QuickBooks has it now; the contact's row stays locked."""
    record = read_record(CustomerRecord.entity, raw)
    if not isinstance(record, CustomerRecord):
        raise TypeError("QuickBooks answered with a customer that cannot be read")
    # A pull that links this customer needs the same row.
    contact = Contact.objects.select_for_update(no_key=True).filter(pk=entry.record_id).first()
    mine = CustomerLink.objects.filter(connection=work.connection, external_id=record.external_id)
    if contact is None or mine.exists():
        # Merged into another one meanwhile: its address tells whose it is.
        apply_customers(work, [record])
    else:
        link_to(work, record, contact)
    return CustomerLink.objects.get(connection=work.connection, external_id=record.external_id)


def main_link(entry: OutboxEntry) -> CustomerLink | None:
    return CustomerLink.objects.filter(
        connection=entry.connection_id, contact=entry.record_id, is_main=True, gone_at=None
    ).first()


def _find(
    session: Session, work: Work, entry: OutboxEntry, contact: Contact
) -> CustomerLink | Hold | None:
    """The customer that has the address already, linked by now; None if there is none (R9)."""
    statement = select_page(CustomerRecord.entity, where={"PrimaryEmailAddr": contact.email})
    page = session.call(lambda api: api.query(statement))
    rows = [read_record(CustomerRecord.entity, raw) for raw in page.records]
    found = [
        row
        for row in rows
        if isinstance(row, CustomerRecord) and key_of(row.email) == key_of(contact.email)
    ]
    active = [record for record in found if record.active]
    if not active:
        inactive = min(found, key=_age, default=None)
        if inactive is None:
            return None
        facts = {"customer": inactive.external_id, "name": inactive.display_name}
        return Hold(Held.INACTIVE_MATCH, facts)
    oldest = min(active, key=_age)
    with noted(work), transaction.atomic():
        apply_customers(work, [oldest])
        work.write_history()
    # It may be another contact's whose address is apart, or one that nobody wants here: a second
    # customer of that address would be a duplicate all the same.
    facts = {"customer": oldest.external_id, "name": oldest.display_name}
    return main_link(entry) or Hold(Held.ADDRESS_TAKEN, facts)


def _age(record: CustomerRecord) -> tuple[bool, int]:
    number = int(record.external_id) if record.external_id.isdigit() else 0
    return record.level > 0, number


def _creation(connection: Connection, contact: Contact, *, with_address: bool = False) -> bytes:
    fields = contact_fields.here(contact)
    name = outgoing.display_name(fields, with_address=with_address)
    return outgoing.create(fields, display_name=name, currency=_currency(connection, contact))


def _currency(connection: Connection, contact: Contact) -> str:
    """That of the invoice which waits for the customer: it keeps its currency for life (facts
    4.6). "" for the company's own."""
    if not connection.company.get("multicurrency"):
        return ""
    waiting = OutboxEntry.objects.filter(connection=connection, kind=RecordKind.INVOICE)
    invoice = Invoice.objects.filter(
        pk__in=waiting.values("record_id"), contact=contact, voided_at=None
    )
    return invoice.order_by("pk").values_list("currency", flat=True).first() or ""
