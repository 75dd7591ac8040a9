"""CompanyInfo and Preferences: one record each, with Id 1 (shape 18)."""

from __future__ import annotations

from integrations.emulator.books import Books
from integrations.emulator.entities.kind import BASE, Kind, json_text
from integrations.emulator.jsontext import Json


def complete_preferences(books: Books, body: Json, before: Json | None) -> None:
    """A sparse change of one group leaves that group's other settings alone."""
    for group, settings in (before or {}).items():
        if isinstance(settings, dict) and isinstance(body.get(group), dict):
            merged = {**settings, **body[group]}
            body[group] = {key: value for key, value in merged.items() if value is not None}


COMPANY_INFO = Kind(
    "CompanyInfo",
    filters={**BASE, "CompanyName": json_text("CompanyName")},
    creatable=False,
    order="seq",
)
PREFERENCES = Kind(
    "Preferences", filters=BASE, creatable=False, order="seq", complete=complete_preferences
)
