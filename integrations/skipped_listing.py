"""The two lists of Skipped: what QuickBooks has and we do not, and the other way round (R6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.filters import ListFilter
from contacts.listing import Column, Export, link, when
from contacts.models import Contact
from integrations.deep_links import web_address
from integrations.import_progress import NOUNS
from integrations.models import Reason, SetAside
from integrations.skipped_wording import Wording, waited_for_kind, wording

KINDS: Final = [(kind, nouns[1].capitalize()) for kind, nouns in NOUNS.items()]
COLUMNS: Final = ("kind", "name", "quickbooks_id", "reason", "explanation", "waits_for", "since")
CONTACT_COLUMNS: Final = ("id", "name", "company", "phone", "reason")


class SkippedFilter(ListFilter):
    """Search is by any part of the name: a label is what people read in QuickBooks."""

    reason = django_filters.ChoiceFilter(choices=Reason.choices, empty_label="Any", label="Reason")
    kind = django_filters.ChoiceFilter(choices=KINDS, empty_label="Any", label="Kind")

    class Meta:
        model = SetAside
        fields: tuple[str, ...] = ()

    def by_words(self, records: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        del name
        for word in value.split()[:8]:
            records = records.filter(label__icontains=word)
        return records


class WithoutEmailFilter(ListFilter):
    class Meta:
        model = Contact
        fields: tuple[str, ...] = ()


def skipped_columns(request: HttpRequest) -> tuple[Column, ...]:
    return (
        Column("label", "Name", _name),
        Column("kind", "Kind", _kind, hide="phone"),
        Column("reason", "Why", _why),
        Column("fix", "What to do", lambda row: _fix(request, row)),
        Column("since", "Since", when("since"), sort="since", hide="narrow"),
    )


def contact_columns() -> tuple[Column, ...]:
    return (
        Column("name", "Name", link("contact")),
        Column("phone", "Phone", hide="phone"),
        Column("reason", "Why", lambda _: _sentence(NOT_SENT)),
        Column("fix", "What to do", _add_address),
        Column("created", "Since", when("created_at"), sort="created_at", hide="narrow"),
    )


NOT_SENT: Final = "It has no email address, so it is not sent to QuickBooks."


def skipped_rows(rows: Sequence[SetAside]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (
            NOUNS.get(row.kind, (row.kind, ""))[0],
            row.label,
            row.external_id,
            row.reason,
            explanation(row),
            row.waits_for,
            row.since.isoformat(),
        )


def contact_rows(contacts: Sequence[Contact]) -> Iterator[tuple[object, ...]]:
    for contact in contacts:
        yield contact.pk, str(contact), contact.company, contact.phone, "no_email"


SKIPPED_EXPORT: Final = Export("skipped", COLUMNS, skipped_rows)
CONTACT_EXPORT: Final = Export("not-sent", CONTACT_COLUMNS, contact_rows)


def explanation(row: SetAside) -> str:
    """The sentence of its reason, and what is known beyond it."""
    return f"{wording(row.reason, row.kind).sentence} {row.detail}".strip()


def _name(row: SetAside) -> SafeString:
    shown = row.label or f"Number {row.external_id}"
    return format_html('<div class="name" title="{0}">{0}</div>', shown)


def _kind(row: SetAside) -> SafeString:
    return format_html("{}", NOUNS.get(row.kind, (row.kind, ""))[0].capitalize())


def _why(row: SetAside) -> SafeString:
    return format_html(
        '<div class="explained"><strong>{}</strong><span>{}</span></div>',
        row.get_reason_display(),
        explanation(row),
    )


def _sentence(text: str) -> SafeString:
    return format_html('<div class="explained"><span>{}</span></div>', text)


def _fix(request: HttpRequest, row: SetAside) -> SafeString:
    """The remedy; and, while nobody decided yet, the way to be done with it."""
    words = wording(row.reason, row.kind)
    if words.fix == "include":
        return _button(request, "include", row, words.label, "")
    remedy = _remedy(row, words)
    if row.reason == Reason.CREATE_UNDER_WAY or row.kind == "Payment":
        return remedy
    leave_out = _button(request, "leave_out", row, "Do not sync", "btn-quiet")
    return format_html('<div class="remedies">{}{}</div>', remedy, leave_out)


def _button(request: HttpRequest, action: str, row: SetAside, label: str, look: str) -> SafeString:
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken"'
        ' value="{}"><button class="btn btn-sm {}" type="submit">{}'
        '<span class="visually-hidden">: {}</span></button></form>',
        reverse(f"integrations:{action}", args=[row.pk]),
        get_token(request),
        look,
        label,
        row.label or f"number {row.external_id}",
    )


def _remedy(row: SetAside, words: Wording) -> SafeString:
    if words.fix == "attention":
        return format_html('<a href="{}">{}</a>', reverse("integrations:attention"), words.label)
    url = _where(row, words.fix)
    if not url:
        return format_html("{}", "")
    return format_html(
        '<a href="{}" target="_blank" rel="noopener">{}<span class="visually-hidden">'
        " (opens QuickBooks in a new tab)</span></a>",
        url,
        words.label,
    )


def _where(row: SetAside, fix: str) -> str:
    if fix == "waited_for" and row.waits_for:
        return web_address(waited_for_kind(row.reason, row.kind), row.waits_for)
    return web_address(row.kind, row.external_id)


def _add_address(contact: Contact) -> SafeString:
    return format_html(
        '<a href="{}">Add an address</a>', reverse("contact_edit", args=[contact.pk])
    )
