"""A list as CSV: streamed, in constant memory, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from contacts.clock import today

CHUNK = 1000

#: What a spreadsheet takes for the beginning of a formula; some read wide letters as the others.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Numbers and telephone numbers: nothing in them can be called, so they stay as they are.
_ONLY_DIGITS = re.compile(r"[+-]?[\d\s().,/-]*")


@dataclass(frozen=True, slots=True)
class Export:
    """How a list leaves: `rows` turns one chunk of records into rows under `header`."""

    name: str
    header: Sequence[str]
    rows: Callable[[list[Any]], Iterable[Sequence[object]]]

    def response(self, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        response = StreamingHttpResponse(
            self._lines(queryset), content_type="text/csv; charset=utf-8"
        )
        name = f"{self.name}-{today().isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _lines(self, queryset: QuerySet[Any]) -> Iterator[str]:
        yield as_csv([self.header])
        for chunk in chunks(queryset):
            yield as_csv(self.rows(chunk))


def chunks(queryset: QuerySet[Any]) -> Iterator[list[Any]]:
    """Records by id, `CHUNK` at a time, each chunk a query of its own.

    Needs no server-side cursor, which a pooled connection would not keep, and no transaction
    that stays open as long as somebody's download. Every record that exists throughout comes
    exactly once, whatever is edited meanwhile.
    """
    ordered = queryset.order_by("pk")
    last = 0
    while chunk := list(ordered.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        if len(chunk) < CHUNK:
            return
        last = chunk[-1].pk


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """These rows as one text: what is streamed leaves in pieces of many lines, not line by line."""
    text = io.StringIO()
    csv.writer(text).writerows([safe_cell(value) for value in row] for row in rows)
    return text.getvalue()


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    cell = str(value)
    if isinstance(value, str) and cell.startswith(_FORMULA) and not _ONLY_DIGITS.fullmatch(cell):
        return f"'{cell}"
    return cell
