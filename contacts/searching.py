"""Finding records by words, at the same speed for a rare word and for a common one.

A common word is found fastest by walking the list in its order and testing each row; a rare one
by collecting its few rows from the word index and sorting them. PostgreSQL has to guess which it
is, and guesses badly for beginnings of words: with a million invoices a rare number takes it 250
ms by the wrong way. So one probe first reads ids until they are too many for the second way.
"""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from contacts.models import Contact, Invoice
from contacts.models.search import beginnings, words_starting_with

#: Up to so many ids, and up to this share of the table, are collected instead of walked.
FEW = 10_000
FEW_PERCENT = 2

Record = TypeVar("Record", bound=Model)

# Materialised, each part is planned for all of its rows (the word index) and still read lazily.
_OF_ONE_TABLE = """
    WITH found AS MATERIALIZED (
        SELECT id FROM {table} WHERE words @@ to_tsquery('simple', %(words)s)
    )
"""
_OF_INVOICES = """
    WITH numbered AS MATERIALIZED (
        SELECT id FROM {table} WHERE words @@ to_tsquery('simple', %(words)s)
    ), people AS MATERIALIZED (
        SELECT id FROM {contacts} WHERE words @@ to_tsquery('simple', %(words)s)
    ), theirs AS MATERIALIZED (
        SELECT invoice.id FROM people JOIN {table} invoice ON invoice.contact_id = people.id
    ), found AS MATERIALIZED (
        SELECT id FROM numbered UNION ALL SELECT id FROM theirs
    )
"""
_PROBE = """
    {found}, few AS MATERIALIZED (
        SELECT least(%(few)s, greatest(200, reltuples * %(percent)s / 100))::bigint AS few
        FROM pg_class WHERE oid = '{table}'::regclass
    )
    SELECT id, (SELECT few FROM few) FROM found LIMIT (SELECT few + 1 FROM few)
"""


def search(records: QuerySet[Record], text: str) -> QuerySet[Record]:
    """Those of `records` that hold every word of `text`, each as a word's beginning.

    Invoices are found by their contact's words too. Costs one query at once. Text without any
    word or number in it finds nothing.
    """
    return search_and_bound(records, text)[0]


def search_and_bound(records: QuerySet[Record], text: str) -> tuple[QuerySet[Record], int]:
    """`search`, and a number that those who hold the words are known to exceed (0: not known).

    The bound is that of the whole table: it holds for `records` where nothing narrows them.
    """
    words = words_starting_with(text)
    if words is None:
        return records.none(), 0
    ids, few = _probe(records.model, beginnings(text))
    if len(ids) <= few:
        return records.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [ids])), 0
    if issubclass(records.model, Invoice):
        people = Contact.objects.filter(words=words).values("pk")
        # An invoice may be found twice, by its number and by its contact.
        return records.filter(Q(words=words) | Q(contact__in=people)), len(set(ids)) - 1
    return records.filter(words=words), few


def _probe(model: type[Model], words: str) -> tuple[list[int], int]:
    """The ids of what holds `words`, at most one more than counts as few, and that number."""
    quoted = connection.ops.quote_name
    found = _OF_INVOICES if issubclass(model, Invoice) else _OF_ONE_TABLE
    tables = {
        "table": quoted(model._meta.db_table),
        "contacts": quoted(Contact._meta.db_table),
    }
    statement = _PROBE.format(found=found.format(**tables), **tables)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"words": words, "few": FEW, "percent": FEW_PERCENT})
        rows = cursor.fetchall()
    return [row[0] for row in rows], rows[0][1] if rows else 0
