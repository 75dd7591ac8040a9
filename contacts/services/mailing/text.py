"""The text of a mailing, made ready once and filled in for each reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from contacts.services.mail import Marketing
from contacts.services.mailing import formatting, merge_fields
from contacts.services.mailing.merge_fields import FieldError, Marked


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body with marks for their fields, the body in both of its forms."""

    subject: Marked
    body: Marked
    html: str
    plain: str

    @classmethod
    def of(cls, subject: str, body: str) -> Text:
        """FieldError for a field that is none, or one in the address of a link."""
        marked = merge_fields.marked(body)
        if any(map(merge_fields.has_mark, formatting.links_of(marked.text))):
            raise FieldError("A field cannot stand in the address of a link.")
        return cls(
            merge_fields.marked(subject),
            marked,
            formatting.as_html(marked.text),
            formatting.as_text(marked.text),
        )

    def filled(self, values: Mapping[str, str], *, key: str = "", source: str = "") -> Marketing:
        """The message to `values["email"]`, with the other values where the fields stand."""
        return Marketing(
            to=values["email"],
            subject=self.subject.filled(self.subject.text, values),
            text=self.body.filled(self.plain, values),
            html=self.body.filled(self.html, values, escape),
            key=key,
            source=source,
        )
