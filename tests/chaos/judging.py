"""What a history has to come to, whatever happened in it."""

from __future__ import annotations

from contacts.models import Contact, FieldChange, Invoice, Product
from integrations.models import Attention, CustomerLink, InvoiceLink, ItemLink, OutboxEntry
from tests.chaos.acting import CONTACT
from tests.chaos.sides import complaints

_MODELS = {"Customer": Contact, "Item": Product, "Invoice": Invoice}
_LINKS = {
    "Customer": (CustomerLink, "contact"),
    "Item": (ItemLink, "product"),
    "Invoice": (InvoiceLink, "invoice"),
}
_FIELDS = {
    "Customer": CONTACT,
    "Item": {"description": "Description"},
    "Invoice": {"memo": "CustomerMemo"},
}


def judge(history):
    """What is wrong in the end, in words: unequal sides, lost values, questions nobody is asked."""
    store = history.world.emulator.store(history.world.realm)
    held = {
        (entry.kind, entry.record_id): entry.held_cause
        for entry in OutboxEntry.objects.filter(state=OutboxEntry.State.HELD)
    }
    asked = {
        (each.facts.get("kind") or "invoice", each.facts.get("record"))
        for each in Attention.objects.filter(closed_at=None)
    }
    return [
        *complaints(history.world, excused=asked),
        *(
            f"held and nobody is asked: {record}"
            for record, cause in held.items()
            if record not in asked and cause != "dependency"
        ),
        *_unequal(store, asked),
        *_lost(history, store),
        *_never_went(held),
    ]


def _unequal(store, asked):
    for kind, (links, name) in _LINKS.items():
        rows = {row["Id"]: row for row in store.get(kind, [])}
        for link in links.objects.filter(gone_at=None).select_related(name):
            record, row = getattr(link, name), rows[link.external_id]
            if (name, record.pk) in asked or getattr(record, "voided_at", None):
                continue
            for field, there in _FIELDS[kind].items():
                ours, theirs = getattr(record, field), _plain(row.get(there, ""))
                if ours != theirs and field not in getattr(link, "apart", ()):
                    yield f"{kind} {row['Id']} {field}: {ours!r} here, {theirs!r} there"


def _plain(value):
    return next(iter(value.values()), "") if isinstance(value, dict) else value


def _lost(history, store):
    """The last value typed on either side stands, or the record's history has it (R10)."""
    for (kind, pk, field), value in history.typed_here.items():
        if not _stands(kind, pk, field, value) and not _changes(pk, field).filter(
            old__contains=value
        ):
            yield f"typed here and lost: {kind} {pk} {field} {value!r}"
    for (kind, external_id, field), value in history.typed_there.items():
        links, name = _LINKS[kind]
        link = links.objects.filter(external_id=external_id).first()
        if link is None or _is_void(store, kind, external_id):
            continue
        pk = getattr(link, f"{name}_id")
        known = _changes(pk, field)
        traced = known.filter(old__contains=value) or known.filter(new__contains=value)
        if not _stands(kind, pk, field, value) and not traced:
            yield f"typed there and lost: {kind} {external_id} {field} {value!r}"


def _stands(kind, pk, field, value):
    record = _MODELS[kind].objects.get(pk=pk)
    if field == "lines":
        return record.lines.filter(description=value).exists()
    return getattr(record, field) == value


def _changes(pk, field):
    return FieldChange.objects.filter(record_id=pk, field=field)


def _is_void(store, kind, external_id):
    """What was typed there just before it was voided or deleted has never been ours to see."""
    row = next((each for each in store.get(kind, []) if each["Id"] == external_id), None)
    return row is None or row.get("TotalAmt") == 0


def _never_went(held):
    sent = Invoice.objects.filter(sent_at__isnull=False, voided_at=None)
    for invoice in sent.exclude(pk__in=InvoiceLink.objects.values("invoice")):
        if ("invoice", invoice.pk) not in held:
            yield f"{invoice} never went"
