"""Finding records by words, at the same speed for a rare word and for a common one.

A common word is found fastest by walking the list in its order and testing each row; a rare one
by collecting its few rows from the word index and sorting them. PostgreSQL has to guess which it
is, and guesses badly for beginnings of words: with a million invoices a rare number takes it 250
ms by the wrong way. So one probe first reads ids until they are too many for the second way. It
looks among what the other filters leave, and therefore also knows how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from contacts.any_of import IsAnyOf
from contacts.models import Contact, Invoice
from contacts.models.search import words_starting_with

#: Up to so many ids, and up to this share of the table, are collected instead of walked.
FEW = 20_000
FEW_PERCENT = 5

Record = TypeVar("Record", bound=Model)

_FEW = """few AS MATERIALIZED (
    SELECT least(%s, greatest(200, reltuples * %s / 100))::bigint AS few
    FROM pg_class WHERE oid = %s::regclass
)"""


@dataclass(frozen=True, slots=True)
class Found(Generic[Record]):
    """The records that hold the words: `at_least` so many, and no more where that is `exact`."""

    records: QuerySet[Record]
    at_least: int
    exact: bool

    def number(self, up_to: int) -> int | None:
        """How many there are, any number above `up_to` for more; None if only counting tells."""
        return self.at_least if self.exact or self.at_least > up_to else None


@dataclass(frozen=True, slots=True)
class _Probe:
    """`ids` is an array in PostgreSQL's own writing: twenty thousand numbers take it, and us,
    longer to read one by one than to find."""

    ids: str
    number: int
    few_enough: bool


def search(records: QuerySet[Record], text: str) -> QuerySet[Record]:
    """Those of `records` that hold every word of `text`, each as a word's beginning.

    Invoices are found by their contact's words too. Costs one query at once. Text without any
    word or number in it finds nothing.
    """
    return search_and_count(records, text).records


def search_and_count(records: QuerySet[Record], text: str) -> Found[Record]:
    """`search`, with what it learned about their number."""
    words = words_starting_with(text)
    if words is None:
        return Found(records.none(), 0, exact=True)
    probe = _probe(records, words)
    if probe.few_enough:
        # As a subquery: planning weighs each value of an array that it sees.
        chosen = RawSQL("(SELECT %s::bigint[])::bigint[]", [probe.ids])
        return Found(records.filter(IsAnyOf(F("pk"), chosen)), probe.number, exact=True)
    # Either or, which no index answers: the list is walked.
    either = Q(words=words)
    if issubclass(records.model, Invoice):
        either |= Q(contact__in=_people(words))
    return Found(records.filter(either), probe.number, exact=False)


def _people(words: SearchQuery) -> QuerySet[Contact, tuple[int]]:
    return Contact.objects.filter(words=words).values_list("pk")


def _probe(records: QuerySet[Record], words: SearchQuery) -> _Probe:
    """Collect the ids of what holds `words`, at most one more than counts as few.

    An invoice may come twice: by its own words and by its contact's.
    """
    parts = {"own": records.filter(words=words)}
    if issubclass(records.model, Invoice):
        parts["theirs"] = records.filter(contact__in=_people(words))
    statements: list[str] = []
    values: list[Any] = []
    try:
        for name, part in parts.items():
            statement, given = part.order_by().values_list("pk").query.sql_with_params()
            # Materialised, each part is planned for all of its rows (the word index) and still
            # read lazily.
            statements.append(f"{name} (id) AS MATERIALIZED ({statement})")
            values += given
    except EmptyResultSet:
        # Narrowed to what no row can be, such as a number that is too large for its column.
        return _Probe("{}", 0, few_enough=True)
    found = " UNION ALL ".join(f"TABLE {name}" for name in parts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {', '.join(statements)}, {_FEW}"  # noqa: S608
            " SELECT coalesce(array_agg(id), '{}')::text, count(DISTINCT id),"
            " count(*) <= (SELECT few FROM few)"
            f" FROM (SELECT id FROM ({found}) found LIMIT (SELECT few + 1 FROM few)) taken",
            [*values, FEW, FEW_PERCENT, connection.ops.quote_name(records.model._meta.db_table)],
        )
        return _Probe(*cursor.fetchone())
