"""Maple Ridge Trading: a Canadian importer with several currencies."""

from __future__ import annotations

from integrations.emulator.emulator import Emulator
from integrations.emulator.samples.ledger import Ledger, line, place
from integrations.emulator.samples.load import open_company


def load(emulator: Emulator, now: float) -> None:
    company = open_company(
        emulator,
        "Maple Ridge Trading",
        "CA",
        exempt=True,
        multicurrency=True,
        about="Canada, GST/HST, customers in CAD, USD and EUR. Few of them have an e-mail.",
        address=place("800 Front Street", "Toronto", "ON", "M5V 3K2", "CA"),
    )
    ledger = Ledger(emulator, company, now)
    ledger.days_ago(240)
    # shape 19: of a real Canadian company's 43 customers two had an address.
    for number in range(1, 10):
        ledger.customer("", DisplayName=f"Ridge account {number:02d}")
    home = ledger.customer(
        "",
        "ap@gladstone.example",
        company="Gladstone Outfitters",
        address=place("12 Queen Street W", "Toronto", "ON", "M5H 2N2", "CAN"),
    )
    dollar = ledger.customer(
        "", "payables@bluemesa.example", company="Blue Mesa Imports", CurrencyRef={"value": "USD"}
    )
    euro = ledger.customer(
        "", "achats@lafermette.example", company="La Fermette", CurrencyRef={"value": "EUR"}
    )
    syrup = ledger.product("Maple syrup, 1 L", 24.5, "SYR-1L", SalesTaxCodeRef={"value": "3"})
    canoe = ledger.product("Cedar canoe", 3850, "CANOE-16")
    freight = ledger.service("Freight", 180)
    hst, zero = "1", "3"
    both = "2"
    first = ledger.invoice(50, home, line(canoe, 1, tax=hst), line(freight, tax=hst))
    ledger.invoice(33, home, line(canoe, 1, tax=both))
    second = ledger.invoice(27, dollar, line(syrup, 200, tax=zero))
    ledger.invoice(11, euro, line(syrup, 48, tax=zero), line(freight, tax=zero))
    ledger.payment(30, home, 2000, (first, 2000))
    ledger.payment(9, dollar, second["Balance"], (second, second["Balance"]))
