"""Thistle & Wren Ltd: a British stationer with VAT and a tax code named Exempt."""

from __future__ import annotations

from integrations.emulator.emulator import Emulator
from integrations.emulator.samples.ledger import Ledger, discount, line, place
from integrations.emulator.samples.load import open_company

CUSTOMERS = """
Eleanor Ashworth|eleanor@ashworth.example|020 7946 0101|4 Chapel Row|Bath||BA1 1HN
Callum Fraser|callum.fraser@example.com|0131 496 0112|18 Leith Walk|Edinburgh||EH6 5AA
Siân Prichard|sian@prichard.example|029 2018 0123|7 Cathedral Road|Cardiff||CF11 9HA
Oliver Bancroft|oliver.bancroft@example.com||22 Deansgate|Manchester|Greater Manchester|M3 1AZ
Harriet Lowe|harriet.lowe@example.com|0117 496 0145|9 Park Street|Bristol||BS1 5NG
Pádraig Quinn|padraig@quinn.example||3 Botanic Avenue|Belfast||BT7 1JG
"""
SHOPS = ("The Paper Heron", "Inkwell & Daughter", "Moor End Books", "St Brannoc's School")


def load(emulator: Emulator, now: float) -> None:
    company = open_company(
        emulator,
        "Thistle & Wren Ltd",
        "GB",
        exempt=True,
        custom_numbers=False,
        about="UK, VAT with a tax code named Exempt. QuickBooks numbers the invoices.",
        address=place("11 Walcot Street", "Bath", "Somerset", "BA1 5BG", "GB"),
    )
    ledger = Ledger(emulator, company, now)
    ledger.days_ago(200)
    people = []
    for row in CUSTOMERS.strip().splitlines():
        name, email, phone, street, city, region, code = row.split("|")
        people.append(
            ledger.customer(
                name,
                email,
                phone,
                address={
                    key: value
                    for key, value in place(street, city, region, code, "GBR").items()
                    if value
                },
            )
        )
    for number, name in enumerate(SHOPS):
        email = f"accounts{number}@shops.example" if number != 2 else ""
        people.append(ledger.customer("", email, company=name))
    items = [
        ledger.product("Letterpress cards", 3.5, "LP-CARD", SalesTaxCodeRef={"value": "1"}),
        ledger.product("Linen notebook", 14.25, "NB-LINEN"),
        ledger.product("Fountain ink", 9.6, "INK-50"),
        ledger.product("Wrapping paper", 2.75, "WRAP-A"),
        ledger.product("Picture book", 7.99, "BOOK-P"),
        ledger.service("Bespoke printing", 42),
        ledger.service("Delivery", 6.5),
    ]
    cards, notebook, ink, paper, book, printing, delivery = items
    standard, zero = "1", "3"
    first = ledger.invoice(
        60, people[0], line(cards, 40, tax=standard), line(delivery, tax=standard)
    )
    ledger.invoice(48, people[6], line(notebook, 12, tax=standard), line(book, 10, tax=zero))
    gross = ledger.invoice(
        36, people[7], line(ink, 25, tax=standard), GlobalTaxCalculation="TaxInclusive"
    )
    ledger.invoice(25, people[9], line(book, 30, tax=zero), discount(percent=5))
    ledger.invoice(14, people[3], line(printing, 3, tax=standard), line(paper, 50, tax=standard))
    ledger.invoice(4, people[4], line(printing, 1, 92.5633333, tax=standard))
    ledger.payment(40, people[0], first["Balance"], (first, first["Balance"]))
    ledger.payment(20, people[7], 100, (gross, 100))
