"""Word search without extensions: a stored vector of simple words, matched by their beginnings."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

#: The text parser keeps addresses and hyphenated words whole; people type their beginnings.
_SEPARATORS = "@.-_+/&'(),:;#"


class _Words(models.Func):
    """The text with every separator as a blank, so that each part is a word of its own."""

    function = "translate"
    output_field = models.TextField()

    def __init__(self, text: Combinable) -> None:
        super().__init__(text, models.Value(_SEPARATORS), models.Value(" " * len(_SEPARATORS)))


def words_of(*fields: str) -> models.GeneratedField:
    """A stored search vector over `fields`, kept up to date by the database itself."""
    parts: list[Combinable] = []
    for field in fields:
        parts += [models.F(field), models.Value(" ")]
    text = Concat(*parts, output_field=models.TextField())
    return models.GeneratedField(
        expression=SearchVector(_Words(text), config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )


def words_starting_with(text: str) -> SearchQuery | None:
    """A query for records that hold every typed word, each as a word's beginning.

    None when nothing in `text` can be searched for.
    """
    words = re.findall(r"\w+", text.translate(str.maketrans(_SEPARATORS, " " * len(_SEPARATORS))))
    query = " & ".join(f"{word}:*" for word in words[:8])
    return SearchQuery(query, config="simple", search_type="raw") if query else None
