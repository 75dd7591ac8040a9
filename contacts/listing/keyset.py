"""Paging by position instead of by number: constant time at any depth, and no row twice.

A place in a list is the sort value and id of a row. The next page is what compares beyond it, a
comparison of two-column rows that PostgreSQL answers from an index on (sort column, id). Rows
without a value come after all others in ascending order and before them in descending order, as
PostgreSQL sorts them, and are read by a query of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, Func, QuerySet, Value
from django.db.models.expressions import Combinable

#: Where a row keeps its sort value: the database's own, so that it compares as it sorts.
SORT_VALUE = "listing_value"


@dataclass(frozen=True, slots=True)
class Place:
    """A row's position in one order of one list."""

    value: Any
    pk: int


@dataclass(frozen=True, slots=True)
class Order:
    """Rows by `expression`, then by id in the same direction. `name` names it in addresses."""

    name: str
    expression: Combinable
    descending: bool = False
    nullable: bool = False

    def reversed(self) -> Order:
        return replace(self, descending=not self.descending)

    def rows(
        self, shown: QuerySet[Any], matching: QuerySet[Any], after: Place | None, limit: int
    ) -> list[Any]:
        """At most `limit` rows of `matching` beyond `after` (from the start without it), in order.

        They are found by their ids alone; `shown` is the whole table, with what is read of each.
        One query; a second one only where the page crosses from rows with a value to rows
        without one.
        """
        shown = shown.annotate(**{SORT_VALUE: self.expression})
        matching = matching.annotate(**{SORT_VALUE: self.expression})
        if not self.nullable:
            return self._part(shown, matching, after, limit)
        valued = matching.exclude(**{f"{SORT_VALUE}__isnull": True})
        empty = matching.filter(**{f"{SORT_VALUE}__isnull": True})
        parts = [empty, valued] if self.descending else [valued, empty]
        if after and (after.value is None) == (parts[0] is valued):
            parts = parts[1:]
        found: list[Any] = []
        for part in parts:
            found += self._part(shown, part, after, limit - len(found))
            if len(found) >= limit:
                break
            after = None
        return found

    def _part(
        self, shown: QuerySet[Any], matching: QuerySet[Any], after: Place | None, limit: int
    ) -> list[Any]:
        direction = "-" if self.descending else ""
        order = [f"{direction}{SORT_VALUE}", f"{direction}pk"]
        if after:
            matching = matching.filter(_beyond(self.expression, after, self.descending))
            if after.value is None:
                del order[0]
        found = matching.order_by(*order).values("pk")[:limit]
        return list(shown.filter(pk__in=found).order_by(*order))

    def place_of(self, row: Any) -> Place:
        return Place(getattr(row, SORT_VALUE), row.pk)


def _beyond(expression: Combinable, place: Place, descending: bool) -> Func:
    sign = "<" if descending else ">"
    if place.value is None:
        return _Comparison(F("pk"), Value(place.pk), arg_joiner=f" {sign} ")
    return _Comparison(
        _Row(expression, F("pk")),
        _Row(Value(place.value), Value(place.pk)),
        arg_joiner=f" {sign} ",
    )


class _Row(Func):
    template = "(%(expressions)s)"
    # Only ever compared as a whole; a row has no type of its own that Django could know.
    output_field = BooleanField()


class _Comparison(Func):
    template = "%(expressions)s"
    output_field = BooleanField()


class Cursor:
    """Turns places into opaque signed words for addresses, and back."""

    def __init__(self, listing: str, order: Order, field: Field[Any, Any]) -> None:
        self._signer = signing.Signer(
            salt=f"contacts.listing:{listing}:{order.name}:{order.descending}"
        )
        self._field = field

    def write(self, place: Place) -> str:
        value = None if place.value is None else str(place.value)
        return self._signer.sign_object([value, place.pk])

    def read(self, word: str) -> Place | None:
        """The place, or None for anything this list did not write: the list starts over."""
        try:
            value, pk = self._signer.unsign_object(word)
            return Place(self._field.to_python(value), pk)
        except (signing.BadSignature, ValidationError, ValueError, TypeError):
            return None
