"""Text as people typed it into QuickBooks, made fit for keeping."""

from __future__ import annotations

import re

# C0 and C1 controls without tab and line feed, the byte order mark, and halves of surrogate
# pairs, which no UTF-8 column takes.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_BLANKS = re.compile("[\t\n\u00a0\u2007\u202f\u2028\u2029]")
_LINE_ENDS = re.compile("\r\n?|\u0085|[\u2028\u2029]")
_HARD_BLANKS = re.compile("[\u00a0\u2007\u202f]")
_DELETED = re.compile(r"(?: \(deleted(?: \d+)?\))+$", re.IGNORECASE)
_SEPARATORS = re.compile("[,;]")
_NAMED = re.compile("<([^<>]*)>$")


def line(text: str | None) -> str:
    """Return one line: no control characters, ordinary blanks, trimmed; doubled blanks stay."""
    if not text:
        return ""
    if text.isprintable():
        return text.strip()
    return _REFUSED.sub("", _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text))).strip()


def paragraph(text: str | None) -> str:
    """Return text of several lines: like `line`, but tabs and line ends stay."""
    if not text:
        return ""
    if text.isprintable():
        return text.strip()
    return _REFUSED.sub("", _HARD_BLANKS.sub(" ", _LINE_ENDS.sub("\n", text))).strip()


def name(text: str | None) -> str:
    """Return a name without the ` (deleted)` that QuickBooks adds to inactive ones (R7).

    In a full name ("Parent:Child") each part may carry it.
    """
    plain = line(text)
    if "(deleted" not in plain.lower():
        return plain
    return ":".join(_DELETED.sub("", part) for part in plain.split(":"))


def address(text: str | None) -> str:
    """Return the first address of an email field as typed, "" if there is none (R6, R7).

    A first address broken by a blank ("amy lee@example.com") is none: half of it, or the next
    one, could be somebody else's.
    """
    plain = line(text)
    if not ("," in plain or ";" in plain or " " in plain or "<" in plain):
        return plain if _is_address(plain) else ""
    for part in _SEPARATORS.split(plain):
        if "@" not in part:
            continue
        named = _NAMED.search(part.strip())
        words = (named[1] if named else part).split()
        if all(map(_is_address, words)):
            return words[0] if words else ""
        return ""
    return ""


def _is_address(word: str) -> bool:
    mailbox, _, host = word.rpartition("@")
    return bool(mailbox and host)
