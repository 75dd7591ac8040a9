"""Email addresses compare case-insensitively (R5): one answer to when two are the same."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.db import connection

_REMEMBERED: Final = 10_000


def key_of(address: str) -> str:
    """The address in lower case, as the database's own `lower` has it.

    What is unique there must be one here, too. Of letters beyond ASCII the database's collation
    decides (`İ`, a final `Σ`), so it is asked: once for each such address.
    """
    plain = address.strip()
    return plain.lower() if plain.isascii() else _lowered(plain)


@lru_cache(_REMEMBERED)
def _lowered(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(%s)", [text])
        return str(cursor.fetchone()[0])
