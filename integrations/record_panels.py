"""What a record's page says about its other side: which objects it is, and since when (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from contacts.models import Contact, Invoice, Product, ProductType, RecordKind
from integrations.attention_entries import entries_about
from integrations.deep_links import web_address
from integrations.models import (
    Connection,
    CustomerLink,
    InvoiceLink,
    ItemLink,
    Link,
    OutboxEntry,
    PaymentLink,
)
from integrations.permissions import is_admin
from integrations.pulling.by_hand import left_alone

_LINKS: Final[dict[RecordKind, tuple[type[Link], str, str]]] = {
    RecordKind.CONTACT: (CustomerLink, "contact", "Customer"),
    RecordKind.PRODUCT: (ItemLink, "product", "Item"),
    RecordKind.INVOICE: (InvoiceLink, "invoice", "Invoice"),
    RecordKind.PAYMENT: (PaymentLink, "payment", "Payment"),
}


@dataclass(frozen=True, slots=True)
class Twin:
    """One object of QuickBooks that this record is."""

    pk: int
    name: str
    external_id: str
    url: str
    company: str
    disconnected: bool
    linked_at: datetime
    in_step_since: datetime
    frozen_at: datetime | None
    gone_at: datetime | None
    is_main: bool
    #: A person said not to sync it; frozen by a reset is something else.
    left_alone: bool
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done about a record that QuickBooks does not have."""

    company: str
    link_url: str = ""
    send_url: str = ""
    #: Where a copy of an invoice of before connecting is made, which is sent (R14).
    copy_url: str = ""
    #: Why it cannot be sent, where that is not plain to see.
    why_not: str = ""


def panel_for(request: HttpRequest, kind: RecordKind, record: Model) -> SafeString:
    """The panel's HTML; empty where there is nothing to tell or to do. Four queries at most, and
    those of what a person has to settle."""
    kind = RecordKind(kind)
    twins = _twins(kind, record)
    offer = None if any(_in_use(twin) for twin in twins) else _offer(record)
    entries = entries_about(kind, record.pk, admin=is_admin(request))
    if not twins and offer is None and not entries:
        return SafeString("")
    several = kind == RecordKind.CONTACT and sum(_in_use(twin) for twin in twins) > 1
    return render_to_string(
        "integrations/panel.html",
        {
            "twins": twins,
            "several": several,
            "offer": offer,
            "entries": entries,
            "back": request.path,
            "kind": kind.value,
            "unlinkable": kind in {RecordKind.CONTACT, RecordKind.PRODUCT},
            "can_rest": kind != RecordKind.PAYMENT,
            "noun": "customer" if kind == RecordKind.CONTACT else kind.value,
        },
        request,
    )


def _twins(kind: RecordKind, record: Model) -> list[Twin]:
    model, column, entity = _LINKS[kind]
    found = (
        model._default_manager.filter(**{column: record.pk})
        .select_related("connection")
        .defer("snapshot", "connection__realm", "connection__access_token")
        .defer("connection__refresh_token", "connection__company")
    )
    twins = [_twin(link, entity, record) for link in found]
    return sorted(twins, key=lambda t: (t.disconnected, not t.is_main, t.gone_at is not None, t.pk))


def _twin(link: Link, entity: str, record: Model) -> Twin:
    connection = link.connection
    return Twin(
        pk=link.pk,
        name=_name(link, record),
        external_id=link.external_id,
        url=web_address(entity, link.external_id),
        company=connection.company_name,
        disconnected=connection.status == connection.Status.DISCONNECTED,
        linked_at=link.linked_at,
        in_step_since=link.in_step_since,
        frozen_at=link.frozen_at,
        gone_at=link.gone_at,
        is_main=isinstance(link, CustomerLink) and link.is_main,
        left_alone=left_alone(link),
        notes=_notes(link),
    )


def _name(link: Link, record: Model) -> str:
    if isinstance(link, CustomerLink):
        return link.display_name or str(record)
    if isinstance(link, InvoiceLink):
        return f"Invoice {link.doc_number}" if link.doc_number else "Invoice without a number"
    return str(record)


def _notes(link: Link) -> list[str]:
    notes = []
    if link.gone_at:
        notes.append("Deleted or merged away in QuickBooks.")
    if link.frozen_at and not left_alone(link):
        notes.append("No more updates in either direction.")
    if isinstance(link, CustomerLink):
        if not link.active:
            notes.append("Inactive in QuickBooks.")
        if not link.top_level:
            notes.append("A sub-customer or project.")
        if link.without_email:
            notes.append("It has no email address there any more, so nothing flows.")
    return notes


def _in_use(twin: Twin) -> bool:
    return not twin.disconnected and twin.gone_at is None


def _offer(record: Model) -> Offer | None:
    """Sending it, where that needs no invoice, and linking it by hand; or copying it (R14)."""
    live = Connection.objects.live().only("company_name", "status", "invoices_since_here").first()
    if live is None or live.status != Connection.Status.CONNECTED:
        return None
    if isinstance(record, Invoice):
        if record.created_at >= live.invoices_since_here:
            return None
        return Offer(live.company_name, copy_url=reverse("invoice_copy", args=[record.pk]))
    if not isinstance(record, Contact | Product) or record.archived_at:
        return None
    if isinstance(record, Product):
        if record.type == ProductType.BUNDLE:
            return None
        return Offer(
            live.company_name,
            reverse("integrations:link_product", args=[record.pk]),
            why_not="It is made there when an invoice that carries it is sent.",
        )
    link_url = reverse("integrations:link_contact", args=[record.pk])
    waiting = OutboxEntry.objects.filter(
        connection=live, kind=RecordKind.CONTACT, record_id=record.pk
    )
    if not record.email or waiting.exists():
        return Offer(live.company_name, link_url)
    send_url = reverse("integrations:send_contact", args=[record.pk])
    return Offer(live.company_name, link_url, send_url)
