"""Tracebacks without what the exceptions said.

A database error quotes the row it was about, a mail server the address it refused: where an
exception came from may be kept, its words may hold a customer's data or a token.
"""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

_HEADER = "Traceback (most recent call last):"
_CHAINED = ("The above exception was the direct cause", "During handling of the above exception")
# What follows the last frame: the exception's class, and behind the colon its words.
_RAISED = re.compile(r"(?P<kind>[A-Za-z_][\w.<>]*)(:|$)")


def without_words(printed: str) -> str:
    """The printed traceback with each exception's class but none of its words.

    Of a text that holds no traceback nothing is left.
    """
    kept: list[str] = []
    in_frames = False
    for line in printed.splitlines():
        if line == _HEADER:
            in_frames = True
        elif line.startswith(_CHAINED):
            in_frames = False
        elif not in_frames:
            continue
        elif not line.startswith("  "):
            raised = _RAISED.match(line)
            line = raised["kind"] if raised else "(an exception)"
            in_frames = False
        kept.append(line)
    return "\n".join(kept)


class WordlessFormatter(logging.Formatter):
    """A line as its author wrote it; of exceptions only class and place."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        if ei[0] is None:
            return ""
        return without_words("".join(traceback.format_exception(*ei)))
