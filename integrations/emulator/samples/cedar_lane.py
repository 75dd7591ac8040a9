"""Cedar Lane Supply: a garden and hardware supplier in Oregon; every common shape is here."""

from __future__ import annotations

from integrations.emulator.emulator import Emulator
from integrations.emulator.jsontext import Json
from integrations.emulator.samples.cedar_lane_customers import load_customers
from integrations.emulator.samples.cedar_lane_items import load_items
from integrations.emulator.samples.ledger import Ledger, bundle, discount, line, place, words
from integrations.emulator.samples.load import open_company

ABOUT = "US, automated sales tax. About 60 customers, 40 items, 30 invoices: every shape is here."


def load(emulator: Emulator, now: float) -> None:
    company = open_company(
        emulator,
        "Cedar Lane Supply",
        about=ABOUT,
        address=place("418 Cedar Lane", "Eugene", "OR", "97401", "US"),
    )
    ledger = Ledger(emulator, company, now)
    people = load_customers(ledger)
    items = load_items(ledger)
    invoices = _invoices(ledger, people, items)
    _payments(ledger, people, items, invoices)
    _odd_invoices(ledger, people, items)
    ledger.days_ago(3)
    ledger.add(
        "Vendor",
        DisplayName="Northfork Nursery",
        PrimaryEmailAddr={"Address": "orders@northfork.example, office@northfork.example"},
    )
    ledger.add("Vendor", DisplayName="Bramble & Stone Quarry")
    ledger.add("Employee", DisplayName="Kit Marlowe", GivenName="Kit", FamilyName="Marlowe")


def _invoices(ledger: Ledger, people: dict[str, Json], items: dict[str, Json]) -> list[Json]:
    plan: list[tuple[float, str, tuple[Json, ...]]] = [
        (118, "Nora Whitfield", (line(items["Garden design"], 6),)),
        (112, "Willamette Landscaping", (line(items["Bark mulch"], 40), line(items["Delivery"]))),
        (105, "Hank Ostrander", (line(items["Cedar plank"], 24), line(items["Deck screws"], 6))),
        (
            97,
            "Fern Hollow Inn",
            (line(items["Lawn care"], 4), words("Two visits in May"), line(items["Fertilizer"], 3)),
        ),
        (90, "Priya Raman", (line(items["Raised bed kit"], 2), discount(percent=10))),
        (83, "Tualatin School District", (line(items["Picnic table"], 8), line(items["Delivery"]))),
        (76, "Lucas Amaro", (line(items["Drip irrigation"], 1), line(items["Labor"], 5.5))),
        (70, "Willamette Landscaping", (line(items["River rock"], 12),)),
        (64, "Main Street Bakery", (line(items["Planter box"], 4),)),
        (58, "Gwen O'Malley", (line(items["Pruning"], 3), discount(amount=15))),
        (52, "Fern Hollow Inn", (bundle(items["Patio set"], 2), line(items["Delivery"]))),
        (47, "Dana Kowalski", (line(items["Cedar plank"], 10, 11.75),)),
        (43, "Chase  Tidwell", (line(items["Bark mulch"], 15),)),
        (38, "Hank Ostrander", (line(items["Deck screws"], 20),)),
        (34, "Ines Castellanos", (line(items["Garden design"], 2), line(items["Seed mix"], 6))),
        (29, "Harbor View Project", (line(items["Labor"], 16), line(items["Cedar plank"], 60))),
        (26, "Tualatin School District", (line(items["Lawn care"], 6),)),
        (22, "Bluebird Café", (line(items["Planter box"], 3), line(items["Seed mix"], 2))),
        (18, "Nora Whitfield", (line(items["Pruning"], 2),)),
        (15, "Riverbend Homes", (line(items["River rock"], 30), discount(percent=5))),
        (12, "Lucas Amaro", (line(items["Fertilizer"], 4),)),
        (9, "Priya Raman", (line(items["Drip irrigation"], 1),)),
        (6, "Main Street Bakery", (line(items["Seed mix"], 10),)),
        (3, "Willamette Landscaping", (line(items["Bark mulch"], 60), line(items["Delivery"]))),
    ]
    return [ledger.invoice(days, people[name], *lines) for days, name, lines in plan]


def _payments(
    ledger: Ledger, people: dict[str, Json], items: dict[str, Json], invoices: list[Json]
) -> None:
    for number, days in ((0, 100), (1, 95), (2, 88), (4, 71), (6, 60), (8, 45), (12, 21), (17, 8)):
        owed = invoices[number]
        ledger.payment(
            days,
            people_by_id(people, owed),
            owed["Balance"],
            (owed, owed["Balance"]),
            PaymentRefNum=str(4100 + number),
            PaymentMethodRef={"value": "2"},
        )
    for number, part, days in ((3, 150, 80), (5, 1000, 65), (10, 200, 30)):
        owed = invoices[number]
        ledger.payment(
            days, people_by_id(people, owed), part, (owed, part), PaymentMethodRef={"value": "3"}
        )
    # One cheque for two invoices, and more than both: the rest stays unapplied.
    first, second = invoices[7], invoices[23]
    total = round(first["Balance"] + 300 + 50, 2)
    ledger.payment(
        2,
        people["Willamette Landscaping"],
        total,
        (first, first["Balance"]),
        (second, 300),
        PaymentRefNum="CHK-2291",
    )
    # shape 35: wholly unapplied.
    ledger.payment(5, people["Gwen O'Malley"], 75, PaymentRefNum="deposit")
    # shape 15: a credit memo lowers a balance through a payment of nothing.
    ledger.days_ago(20)
    credit = ledger.add(
        "CreditMemo",
        CustomerRef={"value": people["Hank Ostrander"]["Id"]},
        TxnDate=ledger.day(20),
        Line=[line(items["Deck screws"], 4)],
        DocNumber="CM-7",
    )
    ledger.payment(
        19,
        people["Hank Ostrander"],
        0,
        (invoices[13], credit["TotalAmt"]),
        (credit, credit["TotalAmt"]),
        PrivateNote="Created by QB Online to link credits to charges.",
    )


def people_by_id(people: dict[str, Json], invoice: Json) -> Json:
    wanted = invoice["CustomerRef"]["value"]
    return next(person for person in people.values() if person["Id"] == wanted)


def _odd_invoices(ledger: Ledger, people: dict[str, Json], items: dict[str, Json]) -> None:
    voided = ledger.invoice(
        33, people["Dana Kowalski"], line(items["Labor"], 3), PrivateNote="Wrong customer"
    )
    ledger.days_ago(32)
    ledger.emulator.clock.pretend(ledger.now - 32 * 86400)
    from integrations.emulator import writing
    from integrations.emulator.entities.invoices import INVOICE

    writing.void(ledger.books, INVOICE, {"Id": voided["Id"]})
    # shape 37: a DocNumber that is no number, 21 characters the most.
    ledger.invoice(
        28, people["Ines Castellanos"], line(items["Seed mix"]), DocNumber="001-garden-show-2026X"
    )
    # shapes 8 and 38: several addresses, waiting to be sent.
    ledger.invoice(
        24,
        people["Riverbend Homes"],
        line(items["Cedar plank"], 9),
        EmailStatus="NeedToSend",
        BillEmail={"Address": "ap@riverbend.example, jo@riverbend.example"},
    )
    # shape 29: a line with neither quantity nor price; shape 36: free-form address lines.
    plain = ledger.invoice(
        16,
        people["Bluebird Café"],
        {
            "DetailType": "SalesItemLineDetail",
            "Amount": 120,
            "Description": "Flower arrangement",
            "SalesItemLineDetail": {"ItemRef": {"value": items["Garden design"]["Id"]}},
        },
    )
    ledger.raw(
        "Invoice",
        plain,
        BillEmail=None,
        BillAddr={
            "Id": "333",
            "Line1": "Bluebird Café",
            "Line2": "12 Oak Alley",
            "Line3": "Bayshore, CA  94326",
            "Lat": "INVALID",
            "Long": "INVALID",
        },
    )
    # shape 30: keys that newer answers carry.
    extra = ledger.invoice(10, people["Harbor View Project"], line(items["Labor"], 7.25))
    lines = extra["Line"]
    lines[0] |= {"CustomExtensions": [], "LinkedTxn": []}
    ledger.raw(
        "Invoice",
        extra,
        Line=lines,
        CustomField=[
            {"DefinitionId": "1", "Name": "Crew #", "Type": "StringType", "StringValue": "102"},
            {"DefinitionId": "2", "Name": "PO", "Type": "StringType"},
        ],
        FreeFormAddress=True,
        ShipFromAddr={"Id": "334", "Line1": "418 Cedar Lane", "Line2": "Eugene, OR  97401"},
    )
    # A free invoice that is not void (shape 15).
    ledger.invoice(
        7, people["Nora Whitfield"], line(items["Delivery"], 1, 0, "Replacement, no charge")
    )
