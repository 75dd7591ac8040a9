"""Tax of a sales form (facts 4.6). The figures are samples; the shapes are QuickBooks'."""

from __future__ import annotations

from decimal import Decimal

from integrations.emulator.books import Books
from integrations.emulator.clock import parse_time
from integrations.emulator.entities.sales_lines import SALES, discount_of, sales_lines
from integrations.emulator.jsontext import Json, cents, decimal, money, number


def complete_tax(books: Books, body: Json, sent_tax: Json | None, subtotal: Decimal) -> Decimal:
    """Set TxnTaxDetail and answer with the total tax."""
    company = books.company
    if not company.sales_tax:
        body.pop("GlobalTaxCalculation", None)
        body["TxnTaxDetail"] = {"TotalTax": 0}
        return Decimal(0)
    if company.is_us:
        body.pop("GlobalTaxCalculation", None)  # shape 32: absent in every US answer
    else:
        body.setdefault("GlobalTaxCalculation", "TaxExcluded")
    discount = discount_of(body["Line"])
    kept = Decimal(1)
    if discount and subtotal and (body.get("ApplyTaxAfterDiscount") or not company.is_us):
        kept = (subtotal - discount) / subtotal
    nets = _net_per_rate(books, body, kept)
    detail = _detail(nets)
    if company.is_us and nets:
        detail["TxnTaxCodeRef"] = {"value": "2"}
        # facts 4.6: an explicit total is honoured as an override.
        if sent_tax and sent_tax.get("TotalTax") is not None:
            detail["TotalTax"] = money(decimal(sent_tax["TotalTax"]))
    if body.get("GlobalTaxCalculation") == "TaxInclusive":
        _gross_amounts(books, body)
    body["TxnTaxDetail"] = detail
    return decimal(detail["TotalTax"])


def rate_percent(rate: Json, today: float) -> Decimal:
    """The percentage in force; a rate with a history has no RateValue (shape 33)."""
    if "RateValue" in rate:
        return decimal(rate["RateValue"])
    for period in rate.get("EffectiveTaxRate", []):
        ends = period.get("EndDate")
        if ends is None or parse_time(ends) > today:
            return decimal(period["RateValue"])
    return Decimal(0)


def rates_of(books: Books, code: str) -> list[Json]:
    tax_code = books.get("TaxCode", "2" if code == "TAX" else code) or {}
    details = (tax_code.get("SalesTaxRateList") or {}).get("TaxRateDetail", [])
    found = (books.get("TaxRate", detail["TaxRateRef"]["value"]) for detail in details)
    return [rate for rate in found if rate]


def _net_per_rate(
    books: Books,
    body: Json,
    kept: Decimal,
) -> list[tuple[Json, Decimal, Decimal, Decimal]]:
    """(rate, percent, net, tax) of each rate used."""
    per_line = books.switches["tax_rounding"] == "line"
    now = books.clock.seconds()
    sums: dict[str, tuple[Json, Decimal, Decimal, Decimal]] = {}
    for line in sales_lines(body["Line"]):
        code = (line[SALES].get("TaxCodeRef") or {}).get("value")
        if code in (None, "NON"):
            continue
        net = decimal(line["Amount"]) * kept
        for rate in rates_of(books, code):
            percent = rate_percent(rate, now)
            tax = net * percent / 100
            if per_line:
                tax = cents(tax)
            _, _, old_net, old_tax = sums.get(rate["Id"], (rate, percent, Decimal(0), Decimal(0)))
            sums[rate["Id"]] = (rate, percent, old_net + net, old_tax + tax)
    return [(rate, percent, cents(net), cents(tax)) for rate, percent, net, tax in sums.values()]


def _detail(nets: list[tuple[Json, Decimal, Decimal, Decimal]]) -> Json:
    if not nets:
        return {"TotalTax": 0}
    lines = [
        {
            "Amount": money(tax),
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": {"value": rate["Id"]},
                "PercentBased": True,
                "TaxPercent": number(percent),
                "NetAmountTaxable": money(net),
            },
        }
        for rate, percent, net, tax in nets
    ]
    return {"TotalTax": money(sum((tax for *_, tax in nets), Decimal(0))), "TaxLine": lines}


def _gross_amounts(books: Books, body: Json) -> None:
    """shape 31: with tax included, Amount stays net and TaxInclusiveAmt is gross."""
    now = books.clock.seconds()
    for line in sales_lines(body["Line"]):
        code = (line[SALES].get("TaxCodeRef") or {}).get("value")
        percent = sum(
            (rate_percent(rate, now) for rate in rates_of(books, code or "NON")), Decimal(0)
        )
        line[SALES]["TaxInclusiveAmt"] = money(decimal(line["Amount"]) * (1 + percent / 100))
