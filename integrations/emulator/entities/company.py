"""CompanyInfo and Preferences: one record each, with Id 1 (shape 18)."""

from __future__ import annotations

from dataclasses import replace

from integrations.emulator.books import Books
from integrations.emulator.companies import save_company
from integrations.emulator.entities.kind import BASE, Kind, json_text
from integrations.emulator.jsontext import Json


def settle_company_info(books: Books, before: Json | None, after: Json | None) -> None:
    if after:
        name, country = after["CompanyName"], after["Country"]
        save_company(books.store, replace(books.company, name=name, country=country))


def settle_preferences(books: Books, before: Json | None, after: Json | None) -> None:
    """The rules of tax and currency follow what the settings say."""
    if after:
        using = bool(after["TaxPrefs"]["UsingSalesTax"])
        several = bool(after["CurrencyPrefs"]["MultiCurrencyEnabled"])
        save_company(books.store, replace(books.company, sales_tax=using, multicurrency=several))


COMPANY_INFO = Kind(
    "CompanyInfo",
    filters={**BASE, "CompanyName": json_text("CompanyName")},
    creatable=False,
    order="seq",
    settle=settle_company_info,
)
PREFERENCES = Kind(
    "Preferences",
    filters=BASE,
    creatable=False,
    order="seq",
    nested=True,
    settle=settle_preferences,
)
