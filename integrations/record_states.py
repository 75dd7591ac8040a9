"""The state of each record in words a bookkeeper understands (R22), for lists and pages alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import CharField, Exists, F, Model, OuterRef, Subquery
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Cast, JSONObject

from contacts.models import Contact, Invoice, Payment, Product, RecordKind
from contacts.record_states import NOT_SYNCED, RecordState
from integrations.attention import shown_items
from integrations.deep_links import web_address
from integrations.field_names import named
from integrations.held_wording import why
from integrations.models import Cause, Connection, OutboxEntry
from integrations.unsent import FIELDS, unsent_fields


@dataclass(frozen=True, slots=True)
class _Kind:
    model: type[Model]
    links: str
    entity: str
    #: Columns that only this kind's link has.
    own: tuple[str, ...] = ()
    #: Columns of the record itself that are asked about.
    record: tuple[str, ...] = ()
    #: What else is asked of each record, by name.
    asked: Callable[[], dict[str, BaseExpression]] = dict


def _of_contacts() -> dict[str, BaseExpression]:
    return {"connected": Exists(Connection.objects.live()), "merge_asked": _merge_asked()}


def _of_invoices() -> dict[str, BaseExpression]:
    live = Connection.objects.live()
    return {"since_here": Subquery(live.values("invoices_since_here")[:1])}


_KINDS: Final = {
    RecordKind.CONTACT: _Kind(
        Contact,
        "customer_links",
        "Customer",
        ("apart", "snapshot", "is_main", "without_email", "active"),
        asked=_of_contacts,
    ),
    RecordKind.PRODUCT: _Kind(Product, "item_links", "Item", ("apart", "snapshot")),
    RecordKind.INVOICE: _Kind(
        Invoice,
        "invoice_links",
        "Invoice",
        ("doc_number", "remote_created_at"),
        ("origin", "created_at"),
        _of_invoices,
    ),
    RecordKind.PAYMENT: _Kind(Payment, "payment_links", "Payment"),
}
_LINK = ("external_id", "in_step_since", "frozen_at", "gone_at")
_CONNECTION = (
    "status",
    "company_name",
    "site_url",
    "environment",
    "paused_at",
    "invoices_since",
)

Row = dict[str, Any]


def states_of(kind: RecordKind, ids: Sequence[int]) -> dict[int, RecordState]:
    """The state of each record in `ids`, in one query whatever their number."""
    if not ids:
        return {}
    best: dict[int, Row] = {}
    for row in _rows(RecordKind(kind), ids):
        known = best.get(row["pk"])
        if known is None or _rank(row) > _rank(known):
            best[row["pk"]] = row
    return {pk: _state(RecordKind(kind), row) for pk, row in best.items()}


def _rows(kind: RecordKind, ids: Sequence[int]) -> Iterable[Row]:
    """Each record with each of its links, of this and of former companies."""
    facts = _KINDS[kind]
    columns = {name: F(f"{facts.links}__{name}") for name in (*_LINK, *facts.own)}
    of_company = {name: F(f"{facts.links}__connection__{name}") for name in _CONNECTION}
    renamed = {f"link_{name}": column for name, column in (columns | of_company).items()}
    asked = {"outgoing": _outgoing(kind), **facts.asked(), **renamed}
    rows: Iterable[Row] = (
        facts.model._default_manager.filter(pk__in=ids)
        .annotate(**asked)
        .values("pk", *asked, *facts.record, *FIELDS.get(kind, ()))
    )
    return rows


def _outgoing(kind: RecordKind) -> Subquery:
    """The record's entry that waits to go out or is held: its state, cause and facts, or None."""
    entries = OutboxEntry.objects.filter(
        connection__in=Connection.objects.live(), kind=kind, record_id=OuterRef("pk")
    )
    waiting = entries.exclude(state=OutboxEntry.State.IN_FLIGHT)
    entry = JSONObject(state="state", cause="held_cause", facts="held_facts")
    return Subquery(waiting.values(entry=entry)[:1])


def _merge_asked() -> Exists:
    """Whether a person is asked if this contact is another one too (R5)."""
    return Exists(
        shown_items().filter(
            cause=Cause.MERGE_CONTACTS, key=Cast(OuterRef("pk"), CharField(max_length=20))
        )
    )


def _rank(row: Row) -> tuple[bool, ...]:
    """The company in use before former ones, then what is alive and active, then the main one."""
    return (
        row["link_status"] not in {None, Connection.Status.DISCONNECTED},
        row["link_gone_at"] is None,
        row["link_frozen_at"] is None,
        row.get("link_active") is not False,
        bool(row.get("link_is_main")),
    )


def _state(kind: RecordKind, row: Row) -> RecordState:
    if row["link_status"] is None:
        return _unlinked(kind, row)
    company = row["link_company_name"]
    if row["link_status"] == Connection.Status.DISCONNECTED:
        return RecordState("Not synced", "muted", f"{company} is disconnected.", company=company)
    label, tone, reason = _linked(kind, row)
    return RecordState(
        label,
        tone,  # type: ignore[arg-type]
        reason,
        since=row["link_in_step_since"],
        external_id=row["link_external_id"],
        external_number=row.get("link_doc_number") or "",
        # What was deleted there has no page there.
        external_url=""
        if row["link_gone_at"]
        else web_address(_KINDS[kind].entity, row["link_external_id"]),
        company=company,
    )


def _unlinked(kind: RecordKind, row: Row) -> RecordState:
    if held := _held(row):
        return RecordState("Held", "held", held)
    if row["outgoing"]:
        return RecordState("Waiting", "waiting", _ON_ITS_WAY)
    if kind == RecordKind.CONTACT and row["connected"] and not row["email"]:
        return RecordState("Skipped", "muted", "It has no email address, so it is not sent.")
    if kind == RecordKind.INVOICE and row["since_here"] and row["created_at"] < row["since_here"]:
        return RecordState("Not synced", "muted", MADE_BEFORE)
    return NOT_SYNCED


def _linked(kind: RecordKind, row: Row) -> tuple[str, str, str]:
    """Label, tone and reason; the first that applies is the one that matters."""
    if row["link_gone_at"]:
        return "Gone", "muted", "Deleted or merged away in QuickBooks; nothing is updated any more."
    if _left_alone(kind, row):
        return "Not synced", "muted", "Somebody chose not to sync it; both sides stay as they are."
    if row["link_frozen_at"]:
        return (
            "Frozen",
            "muted",
            "Made before QuickBooks was connected or reset last: no updates in either direction, "
            "and a payment recorded here stays here.",
        )
    if row.get("link_without_email"):
        return "Skipped", "held", "Its customer in QuickBooks has no email address any more."
    if row["link_status"] == Connection.Status.RECONNECT_NEEDED:
        return "Waiting", "waiting", "QuickBooks has to be connected again first."
    if (row["link_site_url"], row["link_environment"]) != (
        settings.SITE_URL,
        settings.INTUIT_ENVIRONMENT,
    ):
        return "Waiting", "waiting", "This is a copy of the database; syncing is paused."
    if held := _held(row):
        return "Held", "held", held
    if kind == RecordKind.CONTACT and row["merge_asked"]:
        return "Held", "held", _IS_IT_THE_SAME
    unsent = (
        unsent_fields(kind, row, row["link_snapshot"], row["link_apart"]) if kind in FIELDS else []
    )
    if unsent:
        return "Waiting", "waiting", f"Edited here, not in QuickBooks yet: {named(unsent)}."
    if row["outgoing"]:
        return "Waiting", "waiting", _ON_ITS_WAY
    if row["link_paused_at"]:
        return "Paused", "muted", "Syncing was paused by an admin; nothing is lost meanwhile."
    if row.get("link_active") is False:
        return "Inactive", "muted", _INACTIVE
    return "In step", "ok", ""


def _held(row: Row) -> str:
    """Why the record waits for a person; "" where it does not."""
    entry = row["outgoing"]
    if entry is None or entry["state"] != OutboxEntry.State.HELD:
        return ""
    return why_held(entry["cause"], entry["facts"])


def _left_alone(kind: RecordKind, row: Row) -> bool:
    """Whether a person stopped it, as `integrations.pulling.by_hand` tells of a link."""
    if row["link_frozen_at"] is None or kind == RecordKind.PAYMENT:
        return False
    made = row.get("link_remote_created_at")
    return kind != RecordKind.INVOICE or (made is not None and made >= row["link_invoices_since"])


_IS_IT_THE_SAME: Final = (
    "Its customer in QuickBooks has the address of another contact here. See Needs attention."
)
_INACTIVE: Final = (
    "Its customer is inactive in QuickBooks. Invoices made here for it wait until it is active."
)
#: R14, of an invoice that QuickBooks never had.
MADE_BEFORE: Final = (
    "It was made before QuickBooks was connected or reset last, so it is not sent. A copy of it "
    "as a new invoice is."
)
_ON_ITS_WAY: Final = "It is on its way to QuickBooks."


def why_held(cause: str, facts: Mapping[str, Any]) -> str:
    """The sentence for a held entry's cause, also for one of a later version."""
    return f"Not sent to QuickBooks: {why(cause, facts)} See Needs attention."
