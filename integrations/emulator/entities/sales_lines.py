"""Lines of a sales form: checked, completed and added up (facts 4.3)."""

from __future__ import annotations

from decimal import Decimal

from integrations.emulator import faults
from integrations.emulator.books import Books, ref
from integrations.emulator.jsontext import Json, cents, decimal, money, number

SALES = "SalesItemLineDetail"
DISCOUNT = "DiscountLineDetail"
GROUP = "GroupLineDetail"
DESCRIPTION = "DescriptionOnly"
SUBTOTAL = "SubTotalLineDetail"
KINDS = (SALES, DISCOUNT, GROUP, DESCRIPTION, SUBTOTAL)
SHIPPING = "SHIPPING_ITEM_ID"
TAX_WORDS = {"CA": "GST/HST", "GB": "VAT", "AU": "GST"}


def read_number(name: str, value: object) -> Decimal:
    try:
        return decimal(value)
    except ValueError as error:
        raise faults.invalid_number(name, value) from error


def complete_lines(books: Books, body: Json, before: Json | None) -> Decimal:
    """Fill in every line, number them and append the subtotal; the subtotal in home cents.

    A line with a known Id is that line; any other is new (facts 2.3).
    """
    sent = [line for line in body["Line"] if line.get("DetailType") != SUBTOTAL]
    if not any(line.get("DetailType") in (SALES, GROUP, DESCRIPTION) for line in sent):
        raise faults.missing("Line")
    known = {line["Id"] for line in (before or {}).get("Line", []) if "Id" in line}
    last = max([int(key) for key in known], default=0)
    lines: list[Json] = []
    discount: Json | None = None
    for line in sent:
        kind = line.get("DetailType")
        if kind not in KINDS:
            raise faults.invalid_enumeration("DetailType", kind)
        if len(line.get("Description", "") or "") > 4000:
            raise faults.wrong_length("Description", 4000, len(line["Description"]))
        if kind == DISCOUNT:
            if discount is not None:
                raise faults.business("Only one discount line is allowed.")
            discount = line
            continue
        if kind == SALES:
            _complete_sales(books, body, line)
        elif kind == GROUP:
            _complete_group(books, body, line)
        else:
            line.pop("Amount", None)  # shape 28: a description has no Amount
            line.setdefault("DescriptionLineDetail", {})
        if line.get("Id") not in known:
            last += 1
            line["Id"] = str(last)
        lines.append(line)
        line["LineNum"] = len(lines)
    subtotal = sum((decimal(line["Amount"]) for line in lines if "Amount" in line), Decimal(0))
    # shape 28: neither the subtotal nor the discount line has an Id.
    lines.append({"Amount": money(subtotal), "DetailType": SUBTOTAL, SUBTOTAL: {}})
    if discount:
        lines.append(_complete_discount(books, discount, subtotal))
    body["Line"] = lines
    return subtotal


def discount_of(lines: list[Json]) -> Decimal:
    return sum(
        (decimal(line["Amount"]) for line in lines if line["DetailType"] == DISCOUNT), Decimal(0)
    )


def sales_lines(lines: list[Json]) -> list[Json]:
    """The lines that carry an item, those inside groups included."""
    found: list[Json] = []
    for line in lines:
        if line["DetailType"] == SALES:
            found.append(line)
        elif line["DetailType"] == GROUP:
            found.extend(line[GROUP].get("Line", []))
    return found


def _complete_sales(books: Books, body: Json, line: Json) -> None:
    detail = line.setdefault(SALES, {})
    item = None
    if (detail.get("ItemRef") or {}).get("value") != SHIPPING:
        # facts 4.3: no item means the first one, "Services".
        detail.setdefault("ItemRef", {"value": "1"})
        item = books.referenced("Item", detail["ItemRef"], "Items")
        if item["Type"] == "Category":
            raise faults.business("A category cannot be used on a transaction.")
        detail["ItemRef"] = ref(item)
        if item.get("IncomeAccountRef"):
            detail["ItemAccountRef"] = item["IncomeAccountRef"]
    if detail.get("ClassRef"):
        detail["ClassRef"] = ref(books.referenced("Class", detail["ClassRef"], "Klasses"))
    _complete_amount(books, line, detail, item)
    _complete_tax_code(books, body, detail, item)


def _complete_amount(books: Books, line: Json, detail: Json, item: Json | None) -> None:
    if books.person and line.get("Amount") is None:
        if item and "UnitPrice" not in detail:
            detail["UnitPrice"] = item.get("UnitPrice", 0)
        detail.setdefault("Qty", 1)
        line["Amount"] = decimal(detail["Qty"]) * decimal(detail["UnitPrice"])
    if line.get("Amount") in (None, ""):
        raise faults.missing("Amount")
    amount = cents(read_number("Amount", line["Amount"]))
    for key in ("Qty", "UnitPrice"):
        if key in detail:
            detail[key] = number(read_number(key, detail[key]))
    if "Qty" in detail and "UnitPrice" in detail:
        product = decimal(detail["Qty"]) * decimal(detail["UnitPrice"])
        if cents(product) != amount and "TaxInclusiveAmt" not in detail:
            raise faults.amount_mismatch()
    line["Amount"] = money(amount)


def _complete_tax_code(books: Books, body: Json, detail: Json, item: Json | None) -> None:
    code = (detail.get("TaxCodeRef") or {}).get("value")
    company = books.company
    if company.is_us:
        if code is None:
            taxed = books.person and company.sales_tax and item and item.get("Taxable")
            code = "TAX" if taxed else "NON"
        if code not in ("TAX", "NON"):
            raise faults.invalid_line_tax()
        detail["TaxCodeRef"] = {"value": code}
        return
    if not company.needs_line_tax or body.get("GlobalTaxCalculation") == "NotApplicable":
        detail.pop("TaxCodeRef", None)
        return
    if code is None and books.person:
        code = _usual_code(books)
    if code is None:
        # shape 10: localised; a transaction-level code does not satisfy it.
        word = TAX_WORDS.get(company.country, "sales tax")
        raise faults.business(
            f"Make sure all your transactions have a {word} rate before you save."
        )
    found = books.referenced("TaxCode", {"value": code}, "TaxCodes")
    detail["TaxCodeRef"] = {"value": found["Id"]}


def _usual_code(books: Books) -> str | None:
    for code in books.find("TaxCode", "active=1 order by seq"):
        if code["SalesTaxRateList"]["TaxRateDetail"]:
            return str(code["Id"])
    return None


def _complete_group(books: Books, body: Json, line: Json) -> None:
    detail = line.setdefault(GROUP, {})
    bundle = books.referenced("Item", detail.get("GroupItemRef"), "Items")
    detail["GroupItemRef"] = ref(bundle)
    quantity = read_number("Quantity", detail.get("Quantity", 1))
    detail["Quantity"] = number(quantity)
    if not detail.get("Line"):
        detail["Line"] = [
            _group_part(books, part, quantity)
            for part in bundle["ItemGroupDetail"]["ItemGroupLine"]
        ]
    for position, part in enumerate(detail["Line"], 1):
        _complete_sales(books, body, part)
        part.setdefault("Id", str(900 + position))
        part["LineNum"] = position
    line["Amount"] = money(sum((decimal(part["Amount"]) for part in detail["Line"]), Decimal(0)))


def _group_part(books: Books, part: Json, quantity: Decimal) -> Json:
    item = books.referenced("Item", part["ItemRef"], "Items")
    count = decimal(part.get("Qty", 1)) * quantity
    price = decimal(item.get("UnitPrice"))
    return {
        "Description": item.get("Description", item["Name"]),
        "DetailType": SALES,
        "Amount": money(count * price),
        SALES: {"ItemRef": ref(item), "Qty": number(count), "UnitPrice": number(price)},
    }


def _complete_discount(books: Books, line: Json, subtotal: Decimal) -> Json:
    if not books.preference("SalesFormsPrefs", "AllowDiscount"):
        raise faults.business("Discounts are switched off in this company's sales form settings.")
    detail = line.setdefault(DISCOUNT, {})
    if detail.get("PercentBased"):
        percent = read_number("DiscountPercent", detail.get("DiscountPercent"))
        line["Amount"] = money(subtotal * percent / 100)
    else:
        detail["PercentBased"] = False
        line["Amount"] = money(read_number("Amount", line.get("Amount")))
    line.pop("Id", None)
    line.pop("LineNum", None)
    accounts = books.find("Account", "name='discounts given'")
    if accounts:
        detail.setdefault("DiscountAccountRef", ref(accounts[0]))
    return line
