"""A company's settings page: what changes how its invoices are taken, and its tax codes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.emulator.books import Books
from integrations.emulator.control.pages import books_of, goto, guarded, in_company
from integrations.emulator.control.person import save
from integrations.emulator.entities.registry import kind_named
from integrations.emulator.entities.tax import rate_percent, rates_of
from integrations.emulator.faults import Fault
from integrations.emulator.jsontext import Json
from integrations.emulator.templating import page

CHECKS = (
    ("SalesFormsPrefs", "CustomTxnNumbers", "Custom transaction numbers"),
    ("SalesFormsPrefs", "AllowDiscount", "Discounts on sales forms"),
    ("TaxPrefs", "UsingSalesTax", "Sales tax or VAT"),
    ("AccountingInfoPrefs", "ClassTrackingPerTxn", "Classes, one for each transaction"),
    ("AccountingInfoPrefs", "ClassTrackingPerTxnLine", "Classes, one for each line"),
    ("AccountingInfoPrefs", "TrackDepartments", "Locations"),
)


def _here(books: Books) -> str:
    return f"/company/{books.realm}/settings"


@guarded
async def settings(request: Request) -> Response:
    books = books_of(request)
    if request.method == "POST":
        posted = await request.form()
        changes: Json = {}
        for group, name, _ in CHECKS:
            changes.setdefault(group, {})[name] = name in posted
        closing = str(posted.get("BookCloseDate", "")) or None
        changes["AccountingInfoPrefs"]["BookCloseDate"] = closing
        with books.store.transaction():
            save(books, kind_named("preferences"), changes | {"Id": "1", "sparse": True})
        return goto(_here(books), notice="Saved.")
    now = books.clock.seconds()
    codes = [
        (
            code,
            " + ".join(f"{rate_percent(rate, now)} %" for rate in rates_of(books, code["Id"]))
            or "no rate",
        )
        for code in books.find("TaxCode", "1=1 order by active desc, seq")
        if code["Id"] not in ("TAX", "NON")
    ]
    checks = [(name, label, books.preference(group, name)) for group, name, label in CHECKS]
    closing = books.preference("AccountingInfoPrefs", "BookCloseDate") or ""
    return page(
        "company_settings.html",
        codes=codes,
        checks=checks,
        closing=closing,
        **in_company(request, books, "settings"),
    )


@guarded
async def add_tax_code(request: Request) -> Response:
    """A code with one rate of nothing, such as Exempt."""
    books, posted = books_of(request), await request.form()
    name = str(posted.get("name", "")).strip()
    try:
        with books.store.transaction():
            rate = save(
                books, kind_named("taxrate"), {"Name": name, "RateValue": 0, "Description": name}
            )
            detail = {
                "TaxRateRef": {"value": rate["Id"], "name": name},
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": 0,
            }
            save(
                books,
                kind_named("taxcode"),
                {"Name": name, "SalesTaxRateList": {"TaxRateDetail": [detail]}},
            )
    except Fault as fault:
        return goto(_here(books), problem=f"{fault.message}: {fault.detail}")
    return goto(_here(books), notice=f"The tax code {name} exists.")


@guarded
async def toggle_tax_code(request: Request) -> Response:
    books, code_id = books_of(request), request.path_params["id"]
    code = books.get("TaxCode", code_id)
    if code is None:
        raise LookupError(code_id)
    with books.store.transaction():
        active = code.get("Active") is False
        save(books, kind_named("taxcode"), {"Id": code_id, "sparse": True, "Active": active})
    return goto(_here(books), notice="Saved.")


SETTINGS = "/company/{realm}/settings"
ROUTES = [
    Route(SETTINGS, settings, methods=["GET", "POST"]),
    Route(SETTINGS + "/tax-codes", add_tax_code, methods=["POST"]),
    Route(SETTINGS + "/tax-codes/{id}", toggle_tax_code, methods=["POST"]),
]
