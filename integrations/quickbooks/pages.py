"""An answer's JSON split into the exact bytes of its members and rows.

Each row is decoded on its own later, so one bad row never costs the others.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Raw

from integrations.quickbooks.faults import UnexpectedAnswer

_ESCAPES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
    r"|\\."
)
_PAIR_LENGTH = 12
_top = msgspec.json.Decoder(dict[str, Raw])
_rows = msgspec.json.Decoder(list[Raw])
_any = msgspec.json.Decoder()


def split_object(body: bytes) -> dict[str, Raw]:
    """Split a JSON object into its members' bytes. Raises UnexpectedAnswer.

    Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD instead of costing the
    whole page: one long name cut inside an emoji must not stop a thousand customers.
    """
    try:
        return _decode_object(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return _decode_object(_mended(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnexpectedAnswer from None


def split_rows(array: Raw | bytes) -> list[bytes]:
    """Split a JSON array into its elements' bytes. Raises UnexpectedAnswer."""
    try:
        return [bytes(row) for row in _rows.decode(array)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnexpectedAnswer from None


def plain(value: Raw | bytes) -> Any:
    """Decode any JSON value into plain Python. Raises UnexpectedAnswer."""
    try:
        return _any.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnexpectedAnswer from None


def _decode_object(body: bytes) -> dict[str, Raw]:
    try:
        return _top.decode(body)
    except RecursionError:
        raise UnexpectedAnswer from None


def _mended(body: bytes) -> bytes:
    def keep(found: re.Match[str]) -> str:
        escape = found[0]
        lone = escape[1] == "u" and len(escape) > 2 and len(escape) != _PAIR_LENGTH
        return "\\ufffd" if lone else escape

    return _ESCAPES.sub(keep, body.decode("utf-8", "replace")).encode()
