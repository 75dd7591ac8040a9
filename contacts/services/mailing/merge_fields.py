"""Words in a mailing that each reader's own values stand for: `{{ first_name|there }}`.

What follows the bar stands there where a contact has no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from contacts.addresses import key_of
from contacts.models import Contact, User

#: What each field is called for people, in the order in which they are offered.
FIELDS: Final = {
    "first_name": "First name",
    "last_name": "Family name",
    "name": "Whole name",
    "company": "Company",
    "email": "Email address",
    "business": "The name of your business",
}
#: A reader for previews where there is none yet.
MADE_UP: Final = {
    "first_name": "Dana",
    "last_name": "Reeves",
    "name": "Dana Reeves",
    "company": "Reeves Interiors",
    "email": "dana@example.com",
}
_FIELD: Final = re.compile(r"\{\{\s*(\w*)\s*(?:\|([^{}|]*))?\}\}")
_BRACES: Final = re.compile(r"\{\{|\}\}")
#: Characters that no text has, around a number: they pass through formatting untouched.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


class FieldError(ValueError):
    """A field that is none; the message says which and what there is, for people."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with a mark for every field, and what the marks stand for: (field, fallback)."""

    text: str
    fields: tuple[tuple[str, str], ...]

    def filled(
        self, text: str, values: Mapping[str, str], escape: Callable[[str], str] = str
    ) -> str:
        """`text`, made of ours, with values for its marks."""

        def value(mark: re.Match[str]) -> str:
            name, fallback = self.fields[int(mark[1])]
            return escape(values.get(name) or fallback)

        return _MARK.sub(value, text)


def marked(text: str) -> Marked:
    """Set marks for the fields of `text`. FieldError for what is none."""
    fields: list[tuple[str, str]] = []

    def mark(found: re.Match[str]) -> str:
        name, fallback = found[1], (found[2] or "").strip()
        if name not in FIELDS:
            raise FieldError(f"There is no field {{{{ {name} }}}}. {_there_is()}")
        fields.append((name, fallback))
        return f"{_OPEN}{len(fields) - 1}{_CLOSE}"

    plain = text.translate({ord(_OPEN): None, ord(_CLOSE): None})
    with_marks = _FIELD.sub(mark, plain)
    if _BRACES.search(with_marks):
        raise FieldError(f"A field is written like {{{{ first_name }}}}. {_there_is()}")
    return Marked(with_marks, tuple(fields))


def has_mark(text: str) -> bool:
    """Whether a field stands in `text`, also where an address has made other letters of it."""
    return _OPEN in text or "%EE%80%80" in text.upper()


def values_for(contact: Contact | None, address: str, business: str) -> dict[str, str]:
    """What the fields stand for; a contact that is gone, or has left the address to somebody
    else, leaves the fallbacks."""
    known = {"email": address, "business": business}
    if contact is not None and key_of(contact.email) == key_of(address):
        names = ("first_name", "last_name", "name", "company")
        known |= {name: str(getattr(contact, name)) for name in names}
    return known


def values_of(person: User, business: str) -> dict[str, str]:
    """What they stand for in a test to one of us."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": str(person),
        "email": person.email,
        "business": business,
    }


def _there_is() -> str:
    return f"There are {', '.join(FIELDS)}."
