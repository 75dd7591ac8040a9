"""A company and the settings that change how its books behave."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from integrations.emulator.jsontext import Json, dumps, loads

if TYPE_CHECKING:
    from integrations.emulator.store import Store

CURRENCIES = {
    "USD": "United States Dollar",
    "GBP": "British Pound Sterling",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "AUD": "Australian Dollar",
}
# Home units per foreign unit, only so that foreign invoices have a believable rate.
RATES = {"USD": 1.0, "CAD": 0.73, "GBP": 1.27, "EUR": 1.09, "AUD": 0.66}

COUNTRY_CURRENCY = {"US": "USD", "GB": "GBP", "CA": "CAD", "AU": "AUD"}


@dataclass(frozen=True)
class Company:
    realm: str
    name: str
    country: str = "US"
    currency: str = "USD"
    sales_tax: bool = True
    exempt: bool = False
    multicurrency: bool = False
    about: str = ""

    @property
    def is_us(self) -> bool:
        return self.country == "US"

    @property
    def needs_line_tax(self) -> bool:
        """Outside the US a company that uses sales tax wants a code on every line (facts 4.6)."""
        return self.sales_tax and not self.is_us


def currency_ref(code: str) -> Json:
    return {"value": code, "name": CURRENCIES.get(code, code)}


def exchange_rate(foreign: str, home: str) -> float:
    return round(RATES.get(foreign, 1.0) / RATES.get(home, 1.0), 6)


def load_company(store: Store, realm: str) -> Company | None:
    text = store.value("select options from company where realm=?", (realm,))
    return None if text is None else Company(**loads(text))


def all_companies(store: Store) -> list[Company]:
    rows = store.rows("select options from company order by realm")
    return [Company(**loads(row["options"])) for row in rows]


def save_company(store: Store, company: Company) -> None:
    store.run(
        "insert or replace into company values (?,?)", (company.realm, dumps(asdict(company)))
    )
