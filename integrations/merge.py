"""Three-way merge, field by field, against the last common values (R10). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a newer answer of QuickBooks does to the record here.

    `take`: values to write here. `conflicts`: those of them that replace an edit made here, with
    the value that gives way. `apart`: fields that stay without a common base.
    """

    take: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, Any] = field(default_factory=dict)
    apart: tuple[str, ...] = ()


def first_link(here: Values, there: Values) -> Merged:
    """QuickBooks' non-empty values win; ours stay where it has none, without a base (R7)."""
    take = {name: value for name, value in there.items() if _given(value) and value != here[name]}
    apart = tuple(n for n, value in there.items() if not _given(value) and _given(here[n]))
    return Merged(take=take, apart=apart)


def three_way(base: Values, here: Values, there: Values, apart: Collection[str] = ()) -> Merged:
    """Only what changed there is taken; where both sides changed a field QuickBooks wins.

    A field in `apart` has no base: it is taken once its value there changes, and then has one.
    """
    take: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    still_apart = []
    for name, value in there.items():
        if value == base[name]:
            if name in apart and here[name] != value:
                still_apart.append(name)
            continue
        if here[name] == value:
            continue
        take[name] = value
        if here[name] != base[name] and name not in apart:
            conflicts[name] = here[name]
    return Merged(take, conflicts, tuple(still_apart))


def unsent(base: Values, here: Values, apart: Collection[str] = ()) -> set[str]:
    """The fields edited here that QuickBooks does not have yet."""
    return {name for name, value in base.items() if name not in apart and here[name] != value}


def _given(value: Any) -> bool:
    return value is not None and value != ""
