"""One list page: filter, order, the rows of one page, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import IntegerField, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django_filters import FilterSet

from contacts.listing.columns import Column
from contacts.listing.exports import Export
from contacts.listing.keyset import Cursor, Order
from contacts.models import RecordKind
from contacts.record_states import NOT_SYNCED, states_of

PAGE_SIZE = 50
#: Beyond this many the page says "more than" instead of counting them all.
COUNTED = 10_000
_POSITION = ("after", "before", "format")


class BoundedCount(Subquery):
    """How many rows, stopping at `COUNTED` + 1; rides along with the page's own query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(slots=True)
class Heading:
    """A column's head: where sorting by it leads and how it is sorted now."""

    column: Column
    url: str = ""
    direction: str = ""  # "ascending" or "descending", as aria-sort says it


@dataclass(slots=True)
class Page:
    """What the templates of a list need."""

    headings: list[Heading]
    rows: list[Any]
    #: The cells of each row, joined: a template that goes through them costs a tenth of a page.
    cells: list[SafeString] = field(default_factory=list)
    total: int = 0
    noun: tuple[str, str] = ("record", "records")
    first_url: str = ""
    previous_url: str = ""
    next_url: str = ""
    csv_url: str = ""
    filtered: bool = False
    sort: str = ""

    @property
    def count_text(self) -> str:
        if self.total > COUNTED:
            return f"More than {COUNTED:,} {self.noun[1]}"
        if self.total == 0:
            return f"No {self.noun[1]}"
        return f"{self.total:,} {self.noun[self.total != 1]}"


def page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    filterset: Callable[..., FilterSet],
    *,
    columns: Sequence[Column],
    template: str,
    sort: str,
    noun: tuple[str, str],
    kind: RecordKind | None = None,
    export: Export | None = None,
    decorate: Callable[[list[Any]], None] | None = None,
    extra: dict[str, Any] | None = None,
    page_size: int = PAGE_SIZE,
) -> HttpResponseBase:
    """The list at this address: the whole page, its results alone for htmx, or its CSV.

    `filterset` is a FilterSet class, or a partial of one with more arguments. `sort` is the order
    without one in the address: a column's name, "-" before it for the largest first. `kind`
    attaches each row's sync state, `decorate` whatever else a page of rows needs. An unknown
    order or position is not an error: the list starts at its beginning.
    """
    filters = filterset(request.GET, queryset=queryset, request=request)
    matching = filters.qs
    if export and request.GET.get("format") == "csv":
        return export.response(matching)
    found = getattr(filters, "found", None)
    number = found.number(COUNTED) if found else None
    shown = read_page(request.GET, queryset, matching, columns, sort, page_size, number)
    shown.noun = noun
    shown.csv_url = _url(request.GET, format="csv") if export else ""
    shown.filtered = any(request.GET.get(name) for name in filters.form.fields)
    _attach(shown, columns, kind, decorate)
    context = {"page": shown, "filter": filters, "noun": noun, **(extra or {})}
    results_only = bool(getattr(request, "htmx", False)) and request.htmx.target == "results"  # type: ignore[attr-defined]
    response: HttpResponse = render(
        request, "partials/listing_results.html" if results_only else template, context
    )
    if results_only:
        response["HX-Push-Url"] = request.path + _url(request.GET, keep_position=True)
    response["Vary"] = "HX-Request"
    return response


def read_page(
    query: QueryDict,
    everything: QuerySet[Any],
    matching: QuerySet[Any],
    columns: Sequence[Column],
    default_sort: str,
    size: int = PAGE_SIZE,
    number: int | None = None,
) -> Page:
    """The rows of `matching` at the position `query` names, with the addresses around them.

    `everything` is the table they are part of, with what the columns read of each row.
    `number` is how many rows there are, where that is known; they are not counted again.
    """
    sortable = {column.name: column for column in columns if column.sort is not None}
    order = _order(sortable, query.get("sort", "")) or _order(sortable, default_sort)
    if order is None:
        raise ValueError(f"{default_sort!r} is not a sortable column: {sorted(sortable)}")
    value_field = order.expression.resolve_expression(matching.query).output_field  # type: ignore[attr-defined]
    cursor = Cursor(matching.model._meta.label_lower, order, value_field)
    after = cursor.read(query.get("after", ""))
    before = None if after else cursor.read(query.get("before", ""))
    total = (
        BoundedCount(matching.order_by().values("pk")[: COUNTED + 1])
        if number is None
        else Value(number)
    )
    shown = everything.annotate(listing_total=total)

    has_previous, has_next = after is not None, before is not None
    if before:
        rows = order.reversed().rows(shown, matching, before, size + 1)
        has_previous = len(rows) > size
        rows = rows[:size][::-1]
    else:
        rows = order.rows(shown, matching, after, size + 1)
        has_next = len(rows) > size
        rows = rows[:size]
    if (after and not rows) or (before and len(rows) < size):
        # The place is gone, or the list now begins within this page: show its whole first page.
        rows = order.rows(shown, matching, None, size + 1)
        has_previous, has_next, rows = False, len(rows) > size, rows[:size]

    sort_now = f"{'-' if order.descending else ''}{order.name}"
    return Page(
        headings=[_heading(column, order, query) for column in columns],
        rows=rows,
        total=rows[0].listing_total if rows else 0,
        sort="" if sort_now == default_sort else sort_now,
        first_url=_url(query) if has_previous else "",
        previous_url=_url(query, before=cursor.write(order.place_of(rows[0])))
        if has_previous
        else "",
        next_url=_url(query, after=cursor.write(order.place_of(rows[-1]))) if has_next else "",
    )


def _order(sortable: dict[str, Column], wanted: str) -> Order | None:
    column = sortable.get(wanted.removeprefix("-"))
    if column is None:
        return None
    return Order(column.name, column.expression, wanted.startswith("-"), column.nullable)


def _heading(column: Column, order: Order, query: QueryDict) -> Heading:
    if column.sort is None:
        return Heading(column)
    if column.name != order.name:
        first = f"-{column.name}" if column.numeric else column.name
        return Heading(column, _url(query, sort=first))
    turned = column.name if order.descending else f"-{column.name}"
    return Heading(
        column, _url(query, sort=turned), "descending" if order.descending else "ascending"
    )


def _attach(
    shown: Page,
    columns: Sequence[Column],
    kind: RecordKind | None,
    decorate: Callable[[list[Any]], None] | None,
) -> None:
    if kind and shown.rows:
        states = states_of(kind, [row.pk for row in shown.rows])
        for row in shown.rows:
            row.state = states.get(row.pk, NOT_SYNCED)
    if decorate:
        decorate(shown.rows)
    tags = [column.tags(first=column is columns[0]) for column in columns]
    shown.cells = [
        format_html_join(
            "",
            "{}{}{}",
            (
                (opening, column.render(row), closing)
                for column, (opening, closing) in zip(columns, tags, strict=True)
            ),
        )
        for row in shown.rows
    ]


def _url(query: QueryDict, *, keep_position: bool = False, **changes: str) -> str:
    """`?` and the address's own parameters, without empty ones and (usually) its position."""
    kept = [
        (name, value)
        for name, values in query.lists()
        for value in values
        if value and name not in changes and (keep_position or name not in _POSITION)
    ]
    return "?" + urlencode([*kept, *changes.items()])
