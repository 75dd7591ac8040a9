"""Short forms for writing sample records at moments of the past."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from integrations.emulator import writing
from integrations.emulator.books import Books
from integrations.emulator.clock import PACIFIC
from integrations.emulator.companies import Company
from integrations.emulator.emulator import Emulator
from integrations.emulator.entities.registry import kind_named
from integrations.emulator.jsontext import Json

DAY = 86400


class Ledger:
    """Writes as a person; `days_ago` sets the moment of everything after it."""

    def __init__(self, emulator: Emulator, company: Company, now: float) -> None:
        self.emulator = emulator
        self.now = now
        self.books = Books(emulator, company.realm, person=True)
        self._step = 0
        self.days_ago(400)

    def days_ago(self, days: float) -> None:
        self._step = 0
        self._moment = self.now - days * DAY
        self.emulator.clock.pretend(self._moment)

    def _tick(self) -> None:
        """Records of one morning lie a little apart."""
        self._step += 1
        self.emulator.clock.pretend(min(self._moment + self._step * 97, self.now - 60))

    def day(self, days: float) -> str:
        return datetime.fromtimestamp(self.now - days * DAY, PACIFIC).date().isoformat()

    def add(self, entity: str, **fields: Any) -> Json:
        self._tick()
        return writing.save(self.books, kind_named(entity), fields)

    def change(self, entity: str, record: Json, **fields: Any) -> Json:
        self._tick()
        return writing.save(
            self.books, kind_named(entity), {"Id": record["Id"], "sparse": True, **fields}
        )

    def raw(self, entity: str, record: Json, **fields: Any) -> Json:
        """Put a shape there that no form makes but real books hold."""
        body = self.books.get(entity, record["Id"]) or record
        body |= fields
        body = {key: value for key, value in body.items() if value is not None}
        self.books.rewrite(entity, body)
        return body

    def customer(
        self,
        name: str,
        email: str = "",
        phone: str = "",
        *,
        company: str = "",
        address: Json | None = None,
        **fields: Any,
    ) -> Json:
        given, _, family = name.rpartition(" ")
        body: Json = dict(fields)
        if name and not company:
            body |= {"GivenName": given, "FamilyName": family}
        elif company:
            body |= {"CompanyName": company}
            if name:
                body |= {"GivenName": given, "FamilyName": family, "DisplayName": company}
        body.setdefault("DisplayName", company or name)
        if email:
            body["PrimaryEmailAddr"] = {"Address": email}
        if phone:
            body["PrimaryPhone"] = {"FreeFormNumber": phone}
        if address:
            body["BillAddr"] = address
        return self.add("Customer", **body)

    def service(self, name: str, price: float, **fields: Any) -> Json:
        return self.add(
            "Item",
            **{
                "Name": name,
                "Type": "Service",
                "UnitPrice": price,
                "IncomeAccountRef": {"value": "2"},
                "Description": name,
                **fields,
            },
        )

    def product(self, name: str, price: float, sku: str = "", **fields: Any) -> Json:
        return self.add(
            "Item",
            **{
                "Name": name,
                "Type": "NonInventory",
                "UnitPrice": price,
                "IncomeAccountRef": {"value": "1"},
                "Description": name,
                **({"Sku": sku} if sku else {}),
                **fields,
            },
        )

    def invoice(self, days: float, customer: Json, *lines: Json, **fields: Any) -> Json:
        self.days_ago(days)
        return self.add(
            "Invoice",
            CustomerRef={"value": customer["Id"]},
            TxnDate=self.day(days),
            Line=list(lines),
            **fields,
        )

    def payment(
        self,
        days: float,
        customer: Json,
        amount: float,
        *applied: tuple[Json, float],
        **fields: Any,
    ) -> Json:
        self.days_ago(days)
        return self.add(
            "Payment",
            CustomerRef={"value": customer["Id"]},
            TotalAmt=amount,
            TxnDate=self.day(days),
            Line=[
                {
                    "Amount": part,
                    "LinkedTxn": [
                        {
                            "TxnId": target["Id"],
                            "TxnType": "CreditMemo" if "RemainingCredit" in target else "Invoice",
                        }
                    ],
                }
                for target, part in applied
            ],
            **fields,
        )


def line(
    item: Json, quantity: float = 1, price: float | None = None, text: str = "", tax: str = ""
) -> Json:
    content: Json = {"ItemRef": {"value": item["Id"]}, "Qty": quantity}
    if tax:
        content["TaxCodeRef"] = {"value": tax}
    if price is not None:
        content["UnitPrice"] = price
    return {
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": content,
        "Description": text or item.get("Description", item["Name"]),
    }


def words(text: str) -> Json:
    return {"DetailType": "DescriptionOnly", "Description": text, "DescriptionLineDetail": {}}


def discount(percent: float = 0, amount: float = 0) -> Json:
    if percent:
        return {
            "DetailType": "DiscountLineDetail",
            "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": percent},
        }
    return {
        "DetailType": "DiscountLineDetail",
        "Amount": amount,
        "DiscountLineDetail": {"PercentBased": False},
    }


def bundle(item: Json, quantity: float = 1) -> Json:
    return {
        "DetailType": "GroupLineDetail",
        "Description": item.get("Description", ""),
        "GroupLineDetail": {"GroupItemRef": {"value": item["Id"]}, "Quantity": quantity},
    }


def place(street: str, city: str, region: str, code: str, country: str = "") -> Json:
    address = {"Line1": street, "City": city, "CountrySubDivisionCode": region, "PostalCode": code}
    return {**address, "Country": country} if country else address
