"""What a list shows of each record, and by what it can be sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import F
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from contacts import display
from contacts.display.amounts import NOTHING
from contacts.record_states import NOT_SYNCED

Cell = Callable[[Any], SafeString]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `cell` renders a record; without it the attribute `name` is shown as text.

    `sort` is a field name or an expression; an index on (that, id) keeps every page fast. A
    column is left out on phones (`hide="phone"`), already on tablets (`hide="tablet"`) or already
    on narrow windows (`hide="narrow"`).
    """

    name: str
    label: str
    cell: Cell | None = None
    sort: str | Combinable | None = None
    numeric: bool = False
    hide: Literal["", "phone", "tablet", "narrow"] = ""
    nullable: bool = False

    @property
    def expression(self) -> Combinable:
        return F(self.sort) if isinstance(self.sort, str) else self.sort or F("pk")

    @property
    def css(self) -> str:
        hidden = {"phone": "wide", "tablet": "wide medium", "narrow": "wide wider"}.get(
            self.hide, ""
        )
        return " ".join(part for part in ("num" if self.numeric else "", hidden) if part)

    def tags(self, *, first: bool) -> tuple[SafeString, SafeString]:
        """What each of its cells stands between; the first cell of a row is the row's head."""
        css = format_html(' class="{}"', self.css) if self.css else ""
        opening = '<th scope="row" role="rowheader"{}>' if first else '<td role="cell"{}>'
        return format_html(opening, css), format_html("</{}>", "th" if first else "td")

    def render(self, row: Any) -> SafeString:
        return self.cell(row) if self.cell else text(self.name)(row)


def follow(row: Any, path: str) -> Any:
    """The attribute at a dotted path, called where it is a method; None where a step is None."""
    for name in path.split("."):
        if row is None:
            return None
        row = getattr(row, name)
        if callable(row):
            row = row()
    return row


def text(path: str) -> Cell:
    """The attribute as text, cut by the column's width, whole in the title."""

    def cell(row: Any) -> SafeString:
        value = follow(row, path)
        if value in ("", None):
            return NOTHING
        return format_html('<div class="text" title="{0}">{0}</div>', value)

    return cell


def link(url_name: str, path: str = "") -> Cell:
    """The record's name as the link that makes the whole row clickable."""

    def cell(row: Any) -> SafeString:
        shown = follow(row, path) if path else str(row)
        return format_html(
            '<div class="name"><a class="row-link" href="{}">{}</a></div>',
            reverse(url_name, args=[row.pk]),
            conditional_escape(shown or row),
        )

    return cell


def money(path: str, currency: str = "currency") -> Cell:
    """An amount in the record's own currency, or without one where `currency` is empty."""
    return lambda row: display.money(
        follow(row, path), (follow(row, currency) or "") if currency else ""
    )


def day(path: str) -> Cell:
    return lambda row: display.day(follow(row, path))


def when(path: str) -> Cell:
    return lambda row: display.when(follow(row, path))


def state(row: Any) -> SafeString:
    """The record's sync state, which `page(kind=...)` has attached."""
    return display.state_badge(getattr(row, "state", NOT_SYNCED))
