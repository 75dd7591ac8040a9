"""Many records at once, straight into the store, some thousands at a time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from integrations.emulator.books import Books
from integrations.emulator.clock import metadata_time
from integrations.emulator.companies import currency_ref, exchange_rate
from integrations.emulator.entities.customers import refresh_balance
from integrations.emulator.jsontext import Json

GIVEN_NAMES = """
Alice Amir Bella Bruno Carla Chen Dora Diego Elif Emil Fiona Felix Gita Goran Hana Hugo Ida Ivan
Jana Jonas Kira Karl Lena Liam Mona Milo Nina Noel Olga Omar Pia Paul Quinn Rosa Ravi Sara Sven
Tara Tomas Uma Vito Wanda Xenia Yara Zeno
"""
FAMILY_NAMES = """
Abbott Becker Castro Dalton Eriksen Farrell Garcia Hughes Ibarra Jensen Keller Larsen Mercer
Nielsen Osborne Parker Quiroga Reyes Sutton Turner Underhill Vargas Weston Xu Yates Zimmer
O'Brien McKay
"""
GIVEN, FAMILY = GIVEN_NAMES.split(), FAMILY_NAMES.split()
STREETS = ("Oak", "Elm", "Pine", "Cedar", "Maple", "Birch", "Walnut", "Chestnut", "Spruce")
CITIES = (
    ("Salem", "OR", "97301"),
    ("Boise", "ID", "83702"),
    ("Fresno", "California", "93701"),
    ("Austin", "TX", "78701"),
    ("Dayton", "OH", "45402"),
)
# A multiple of ten: every tenth customer may look at the one before it.
AT_A_TIME = 5000


def generate(
    books: Books, customers: int = 0, items: int = 0, invoices: int = 0, spread_seconds: int = 0
) -> Json:
    """Counts of what was made. `spread_seconds` lays the times over the seconds before now."""
    for count in (customers, items, invoices, spread_seconds):
        if type(count) is not int or not 0 <= count <= 1_000_000:
            raise ValueError("Counts are whole numbers up to a million.")
    maker = _Maker(books, spread_seconds)
    maker.customers(customers)
    maker.items(items)
    maker.invoices(invoices)
    return {"customers": customers, "items": items, "invoices": invoices}


class _Maker:
    def __init__(self, books: Books, spread: int) -> None:
        self.books = books
        self.spread = spread
        self.now = int(books.clock.seconds())
        self.chance = random.Random(20261122)  # noqa: S311 - the same books every time
        self.currency = currency_ref(books.company.currency)

    def _common(self, position: int, count: int) -> Json:
        back = self.spread * (count - position) // count if self.spread else 0
        stamp = metadata_time(self.now - back)
        return {
            "domain": "QBO",
            "sparse": False,
            "SyncToken": "0",
            "MetaData": {"CreateTime": stamp, "LastUpdatedTime": stamp},
        }

    def _put(self, entity: str, count: int, make: Callable[[int, int], list[Json]]) -> None:
        """Save what `make(first, behind)` makes of each stretch of positions."""
        books = self.books
        for first in range(0, count, AT_A_TIME):
            bodies = make(first, min(first + AT_A_TIME, count))
            books.store.put_new(books.realm, entity, bodies)
            if not books.silent:
                ids = [body["Id"] for body in bodies]
                books.emulator.events.queue_many(books.realm, entity, ids, "created")

    def customers(self, count: int) -> None:
        if not count:
            return
        number = self.books.store.next_id(self.books.realm, "name", count)

        def make(first: int, behind: int) -> list[Json]:
            bodies = [
                self._customer(number + position, position, count)
                for position in range(first, behind)
            ]
            for offset in range(9, len(bodies), 10):
                _shape_customer(bodies[offset], bodies[offset - 1], first + offset)
            return bodies

        self._put("Customer", count, make)

    def _customer(self, number: int, position: int, count: int) -> Json:
        given = GIVEN[number % len(GIVEN)]
        family = FAMILY[number // len(GIVEN) % len(FAMILY)]
        name = f"{given} {family} {number}"
        body: Json = {
            "Taxable": self.books.company.is_us,
            "Job": False,
            "BillWithParent": False,
            "Balance": 0,
            "BalanceWithJobs": 0,
            "CurrencyRef": self.currency,
            "PreferredDeliveryMethod": "Print",
            "IsProject": False,
            "ClientEntityId": "0",
            **self._common(position, count),
            "Id": str(number),
            "GivenName": given,
            "FamilyName": f"{family} {number}",
            "FullyQualifiedName": name,
            "DisplayName": name,
            "PrintOnCheckName": name,
            "Active": True,
        }
        if position % 20 != 19:  # shape 19: some have no address at all
            body["PrimaryEmailAddr"] = {
                "Address": f"{given}.{family}.{number}@example.com".replace("'", "").lower()
            }
        if position % 3:
            body["PrimaryPhone"] = {
                "FreeFormNumber": f"(555) {number % 900 + 100}-{number % 9000 + 1000}"
            }
            city, region, code = CITIES[number % len(CITIES)]
            body["BillAddr"] = {
                "Id": str(10_000_000 + number),
                "Line1": f"{number % 990 + 1} {STREETS[number % len(STREETS)]} Street",
                "City": city,
                "CountrySubDivisionCode": region,
                "PostalCode": code,
            }
        return body

    def items(self, count: int) -> None:
        if not count:
            return
        books = self.books
        income = books.find("Account", "name='sales of product income'")[0]
        number = books.store.next_id(books.realm, "Item", count)
        account = {"value": income["Id"], "name": income["Name"]}

        def make(first: int, behind: int) -> list[Json]:
            return [
                self._item(number + position, position, count, account)
                for position in range(first, behind)
            ]

        self._put("Item", count, make)

    def _item(self, number: int, position: int, count: int, account: Json) -> Json:
        name = f"{STREETS[number % len(STREETS)]} article {number}"
        body: Json = {
            "Name": name,
            "Description": f"{name}, boxed",
            "Active": True,
            "FullyQualifiedName": name,
            "UnitPrice": round(number % 400 + number % 7 / 4, 2),
            "Type": "Service" if position % 3 else "NonInventory",
            "PurchaseCost": 0,
            "IncomeAccountRef": account,
            "TrackQtyOnHand": False,
            **self._common(position, count),
            "Id": str(number),
        }
        if self.books.company.is_us:
            body["Taxable"] = False
        if position % 4:
            body["Sku"] = f"GEN-{number}"
        if position % 10 == 9:
            body["Description"] = f"<b>{name}</b><br>per\u00a0box &amp; pallet"  # shape 26
        return body

    def invoices(self, count: int) -> None:
        if not count:
            return
        books = self.books
        customers = self._some("Customer", "balance is not null")
        items = self._some("Item", "json_extract(body, '$.Type') in ('Service','NonInventory')")
        if not customers or not items:
            raise ValueError("Invoices need customers and items first.")
        number = books.store.next_id(books.realm, "transaction", count)
        billed: set[str] = set()

        def make(first: int, behind: int) -> list[Json]:
            bodies = [
                self._invoice(
                    number + position, position, count, self.chance.choice(customers), items
                )
                for position in range(first, behind)
            ]
            billed.update(body["CustomerRef"]["value"] for body in bodies)
            return bodies

        self._put("Invoice", count, make)
        for customer in billed:
            refresh_balance(books, customer)

    def _some(self, entity: str, where: str) -> list[Json]:
        return self.books.find(entity, f"active=1 and {where} order by seq desc limit 5000")

    def _invoice(
        self, number: int, position: int, count: int, customer: Json, items: list[Json]
    ) -> Json:
        books = self.books
        lines: list[Json] = []
        total = 0
        for line_number in range(1, 2 + number % 3):
            item = self.chance.choice(items)
            quantity = number % 5 + line_number
            amount = round(item.get("UnitPrice", 0) * quantity * 100)
            total += amount
            detail: dict[str, Any] = {
                "ItemRef": {"value": item["Id"], "name": item["FullyQualifiedName"]},
                "UnitPrice": item.get("UnitPrice", 0),
                "Qty": quantity,
            }
            if books.company.is_us:
                detail["TaxCodeRef"] = {"value": "NON"}
            lines.append(
                {
                    "Id": str(line_number),
                    "LineNum": line_number,
                    "Amount": _whole(amount),
                    "Description": item["Name"],
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": detail,
                }
            )
        lines.append(
            {"Amount": _whole(total), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
        )
        day = books.clock.today().isoformat()
        body: Json = {
            **self._common(position, count),
            "Id": str(number),
            "DocNumber": f"G{number}",
            "TxnDate": day,
            "DueDate": day,
            "CurrencyRef": customer["CurrencyRef"],
            "LinkedTxn": [],
            "Line": lines,
            "TxnTaxDetail": {"TotalTax": 0},
            "CustomerRef": {"value": customer["Id"], "name": customer["DisplayName"]},
            "TotalAmt": _whole(total),
            "Balance": _whole(total),
            "ApplyTaxAfterDiscount": False,
            "PrintStatus": "NeedToPrint",
            "EmailStatus": "NotSet",
        }
        if not books.company.is_us:
            body["GlobalTaxCalculation"] = "NotApplicable"
        if books.company.multicurrency:
            rate = exchange_rate(customer["CurrencyRef"]["value"], books.company.currency)
            body |= {
                "ExchangeRate": rate,
                "HomeTotalAmt": round(total * rate) / 100,
                "HomeBalance": round(total * rate) / 100,
            }
        if customer.get("PrimaryEmailAddr"):
            body["BillEmail"] = customer["PrimaryEmailAddr"]
        return body


def _whole(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _shape_customer(body: Json, before: Json, position: int) -> None:
    """Every tenth is one of the shapes that break a naive sync."""
    shape = position // 10 % 8
    if shape == 0 and "ParentRef" not in before:  # 21: a sub-customer
        body |= {
            "Job": True,
            "ParentRef": {"value": before["Id"]},
            "Level": 1,
            "FullyQualifiedName": f"{before['DisplayName']}:{body['DisplayName']}",
        }
    elif shape == 1 and "PrimaryEmailAddr" in before:  # 20: a shared address
        body["PrimaryEmailAddr"] = before["PrimaryEmailAddr"]
    elif shape == 2:  # 22: an address that is only an Id
        body["BillAddr"] = body["ShipAddr"] = {"Id": str(20_000_000 + position)}
    elif shape == 3 and "PrimaryEmailAddr" in body:  # 8: several in one field
        address = body["PrimaryEmailAddr"]["Address"]
        body["PrimaryEmailAddr"] = {"Address": f"{address}, second.{address}"}
    elif shape == 4:  # 19, 24: a company only, with signs in its name
        body["CompanyName"] = body["DisplayName"] = body["FullyQualifiedName"] = (
            f"{body['FamilyName']} & Co (wholesale)"
        )
        del body["GivenName"], body["FamilyName"]
    elif shape == 5:  # 24: a hard blank
        body["DisplayName"] = body["DisplayName"].replace(" ", "\u00a0", 1)
        body["FullyQualifiedName"] = body["DisplayName"]
    elif shape == 6 and "PrimaryEmailAddr" in body:  # letter case
        body["PrimaryEmailAddr"] = {"Address": body["PrimaryEmailAddr"]["Address"].upper()}
    elif shape == 7:  # 13: inactive and renamed
        name = f"{body['DisplayName']} (deleted)"
        body |= {"Active": False, "DisplayName": name, "FullyQualifiedName": name}
