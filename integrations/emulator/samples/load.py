"""Opening companies, and the sample ones people play with."""

from __future__ import annotations

import re

from integrations.emulator.books import Books
from integrations.emulator.companies import COUNTRY_CURRENCY, Company, save_company
from integrations.emulator.emulator import Emulator
from integrations.emulator.jsontext import Json
from integrations.emulator.samples.chart import lay_out

FIRST_REALM = 9341450100000000


def open_company(
    emulator: Emulator,
    name: str,
    country: str = "US",
    currency: str = "",
    *,
    sales_tax: bool = True,
    exempt: bool = False,
    multicurrency: bool = False,
    custom_numbers: bool = True,
    about: str = "",
    address: Json | None = None,
) -> Company:
    """A new company with its chart of accounts and settings. Raises ValueError."""
    if not name.strip() or not re.fullmatch(r"[A-Z]{2}", country):
        raise ValueError("A company needs a name and a two-letter country.")
    number = emulator.store.next_id("", "company")
    company = Company(
        realm=str(FIRST_REALM + number * 1_000_003),
        name=name.strip(),
        country=country,
        currency=currency or COUNTRY_CURRENCY.get(country, "USD"),
        sales_tax=sales_tax,
        exempt=exempt,
        multicurrency=multicurrency,
        about=about,
    )
    save_company(emulator.store, company)
    books = Books(emulator, company.realm, person=True)
    lay_out(books, custom_numbers=custom_numbers, address=address)
    return company


def load_samples(emulator: Emulator) -> None:
    """All sample companies, as if they had been in business for months."""
    from integrations.emulator.samples import (  # they need open_company
        blank_slate,
        cedar_lane,
        harbour_lane,
        maple_ridge,
        thistle_wren,
    )

    now = emulator.clock.seconds()
    try:
        with emulator.store.transaction():
            for sample in (cedar_lane, thistle_wren, harbour_lane, maple_ridge, blank_slate):
                emulator.clock.pretend(now - 400 * 86400)
                sample.load(emulator, now)
    finally:
        emulator.clock.pretend(None)
