"""Harbour Lane Ltd: a British boatyard with VAT and no tax code named Exempt."""

from __future__ import annotations

from integrations.emulator.emulator import Emulator
from integrations.emulator.samples.ledger import Ledger, line, place
from integrations.emulator.samples.load import open_company


def load(emulator: Emulator, now: float) -> None:
    company = open_company(
        emulator,
        "Harbour Lane Ltd",
        "GB",
        about="UK, VAT without a tax code named Exempt: invoices from the CRM must be held.",
        address=place("Harbour Lane", "Falmouth", "Cornwall", "TR11 3QY", "GB"),
    )
    ledger = Ledger(emulator, company, now)
    ledger.days_ago(180)
    people = [
        ledger.customer("Morwenna Tregear", "morwenna@tregear.example", "01326 496 010"),
        ledger.customer("Jack Penrose", "jack.penrose@example.com"),
        ledger.customer("", "berths@pendennis.example", company="Pendennis Berths"),
        ledger.customer("", "office@fal-oysters.example", company="Fal Oysters & Co"),
        ledger.customer("Tamsin Rowe"),
    ]
    hull = ledger.service("Hull cleaning", 320)
    ledger.service("Winter storage", 95)
    rope = ledger.product("Mooring rope", 4.2, "ROPE-12")
    standard = "1"
    ledger.invoice(30, people[2], line(hull, 2, tax=standard))
    paid = ledger.invoice(18, people[0], line(rope, 60, tax=standard))
    ledger.payment(10, people[0], paid["Balance"], (paid, paid["Balance"]))
