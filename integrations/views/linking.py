"""Linking a record by hand, taking a link back, leaving it alone, sending it (R9, R22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.models import Contact, Product, RecordKind
from integrations import counterparts, links, outbox
from integrations.models import Connection, CustomerLink, InvoiceLink, ItemLink, Link
from integrations.permissions import signed_in
from integrations.pulling.by_hand import NotPossible
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.records import CustomerRecord, ItemRecord


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind of record is linked: the model of its link, and QuickBooks' name of it."""

    links: type[CustomerLink] | type[ItemLink]
    entity: str
    noun: str


_KINDS: Final = {
    RecordKind.CONTACT: _Kind(CustomerLink, CustomerRecord.entity, "customer"),
    RecordKind.PRODUCT: _Kind(ItemLink, ItemRecord.entity, "product"),
}
#: What can be left alone; payments follow their invoice.
_LINKS: Final[dict[str, type[Link]]] = {
    RecordKind.CONTACT: CustomerLink,
    RecordKind.PRODUCT: ItemLink,
    RecordKind.INVOICE: InvoiceLink,
}


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, kind: RecordKind, pk: int) -> HttpResponse:
    """Find the record in QuickBooks and, on POST, link the two."""
    of_kind = _KINDS[kind]
    record = _record(kind, pk)
    if of_kind.links._default_manager.filter(
        connection__in=Connection.objects.live(), gone_at=None, **{kind.value: pk}
    ).exists():
        messages.info(request, "It is linked already.")
        return redirect(record)
    if request.method == "POST":
        return _link(request, of_kind, record)
    return _search(request, of_kind, record)


@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Say what becomes of the two; on POST take the link back."""
    if kind not in _KINDS:
        raise Http404("Only contacts and products can be unlinked.")
    found = _live_link(kind, pk)
    record: Contact | Product = getattr(found, kind)
    if request.method == "POST":
        try:
            links.unlink(found, signed_in(request))  # type: ignore[arg-type]
        except NotPossible as exc:
            messages.error(request, str(exc))
        else:
            messages.success(request, "Unlinked. Both records stay as they are.")
        return redirect(record)
    context = {"link": found, "record": record, "kind": kind, "noun": _KINDS[RecordKind(kind)].noun}
    return render(request, "integrations/unlink.html", context)


@require_POST
def leave_alone(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Do not sync this one, until somebody says otherwise. Repeatable."""
    found = _live_link(kind, pk)
    links.leave_alone(found, signed_in(request))
    messages.success(request, "It is not synced any more; both sides stay as they are.")
    return redirect(getattr(found, kind))


@require_POST
def sync_again(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Go on with a link that was left alone, beginning with what was missed."""
    found = _live_link(kind, pk)
    try:
        with counterparts.asking() as session:
            links.sync_again(session, found, signed_in(request))
    except (counterparts.NotAnswered, NotPossible) as exc:
        messages.error(request, str(exc))
    else:
        messages.success(request, "It is synced again; what was missed is caught up with.")
    return redirect(getattr(found, kind))


@require_POST
def send_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the contact go to QuickBooks, before any invoice of it does (R9). Repeatable."""
    contact = get_object_or_404(Contact, pk=pk)
    live = Connection.objects.live().first()
    if live is None:
        messages.error(request, "QuickBooks is not connected.")
    elif not contact.email:
        messages.error(request, "Without an email address it cannot be sent. Add one first.")
    else:
        outbox.enqueue(live, RecordKind.CONTACT, contact.pk)
        messages.success(request, "It is being sent to QuickBooks.")
    return redirect(contact)


def _search(request: HttpRequest, of_kind: _Kind, record: Contact | Product) -> HttpResponse:
    asked = request.GET.get("q")
    words = (asked if asked is not None else _likely(record)).strip()
    found, problem = [], ""
    if words:
        try:
            with counterparts.asking() as session:
                if isinstance(record, Contact):
                    found = counterparts.customers(session, words)
                else:
                    found = counterparts.items(session, words, record.sku)
        except counterparts.NotAnswered as exc:
            problem = str(exc)
    context = {
        "record": record,
        "noun": of_kind.noun,
        "words": words,
        "found": found,
        "choosable": any(not each.why_not for each in found),
        "more": len(found) >= counterparts.SHOWN,
        "problem": problem,
    }
    return render(request, "integrations/link.html", context)


def _likely(record: Contact | Product) -> str:
    if isinstance(record, Contact):
        return record.email or str(record)
    return record.sku or record.name


def _link(request: HttpRequest, of_kind: _Kind, record: Contact | Product) -> HttpResponse:
    """Link what was chosen, as QuickBooks has it this moment."""
    chosen = request.POST.get("choice", "")
    if not (chosen.isascii() and chosen.isalnum() and len(chosen) <= 40):
        messages.error(request, f"Choose a {of_kind.noun}.")
        return redirect(request.path)
    try:
        with counterparts.asking() as session:
            raw = session.call(lambda api: api.read(of_kind.entity, chosen))
        there = read_record(of_kind.entity, raw)
        if not isinstance(there, CustomerRecord | ItemRecord):
            raise NotPossible("QuickBooks sent something about it that cannot be understood.")
        links.link_by_hand(record, there, signed_in(request))
    except (counterparts.NotAnswered, NotPossible) as exc:
        messages.error(request, str(exc))
        return redirect(request.path)
    messages.success(request, "Linked. From now on both are kept in step.")
    return redirect(record)


def _record(kind: RecordKind, pk: int) -> Contact | Product:
    if kind == RecordKind.CONTACT:
        return get_object_or_404(Contact, pk=pk)
    return get_object_or_404(Product, pk=pk)


def _live_link(kind: str, pk: int) -> Link:
    if kind not in _LINKS:
        raise Http404("There is no such kind of link.")
    found: Link = get_object_or_404(
        _LINKS[kind]._default_manager.select_related("connection", kind),
        pk=pk,
        connection__in=Connection.objects.live(),
        gone_at=None,
    )
    return found
