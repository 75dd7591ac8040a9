"""What the API knows about one entity: a declaration that the generic code works from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from integrations.emulator.jsontext import Json

if TYPE_CHECKING:
    from integrations.emulator.books import Books

Complete = Callable[["Books", Json, Json | None], None]
Settle = Callable[["Books", Json | None, Json | None], None]


def _leave(books: Books, body: Json, before: Json | None) -> None:
    """Nothing to fill in."""


def _no_effects(books: Books, before: Json | None, after: Json | None) -> None:
    """Nothing else changes."""


@dataclass(frozen=True)
class Filter:
    """How a queryable property is compared: an SQL expression and the type of its values."""

    sql: str
    kind: str = "text"  # text, number, time, date, flag, id


@dataclass(frozen=True)
class Kind:
    name: str
    filters: Mapping[str, Filter]
    read_only: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)
    has_active: bool = False
    transaction: bool = False
    # shape 2: only some entities answer with totalCount in a page.
    total_count: bool = False
    creatable: bool = True
    cdc: bool = True
    # Sparse changes reach one level down (the groups of Preferences).
    nested: bool = False
    order: str = "name, seq"
    # Fills in and checks a body about to be saved; the old one is given on an update.
    complete: Complete = _leave
    # Carries the effects on other records; None stands for "was not" or "is no more".
    settle: Settle = _no_effects

    @property
    def path(self) -> str:
        return self.name.lower()


def json_text(path: str) -> Filter:
    return Filter(f"fold(json_extract(body, '$.{path}'))")


TIMES = {
    "MetaData.CreateTime": Filter("created", "time"),
    "MetaData.LastUpdatedTime": Filter("updated", "time"),
}
BASE = {"Id": Filter("seq", "id"), **TIMES}
LISTED = {
    **BASE,
    "Active": Filter("active", "flag"),
    "Name": Filter("name"),
    "FullyQualifiedName": json_text("FullyQualifiedName"),
}
