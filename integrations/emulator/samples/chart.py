"""What every company starts with: accounts, terms, tax, settings and two items."""

from __future__ import annotations

from integrations.emulator import writing
from integrations.emulator.books import Books
from integrations.emulator.entities.registry import kind_named
from integrations.emulator.jsontext import Json

ACCOUNTS = (
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Checking", "Bank", "Checking"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Purchases", "Expense", "SuppliesMaterials"),
)
TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
METHODS = ("Cash", "Check", "Credit Card", "Bank transfer")

# Name, description, rates as (name, percent).
TAX: dict[str, tuple[tuple[str, str, tuple[tuple[str, float], ...]], ...]] = {
    "US": (("Automated sales tax", "State and city", (("State", 6.25), ("City", 2))),),
    "GB": (
        ("20.0% S", "Standard rate", (("20.0% S", 20),)),
        ("5.0% R", "Reduced rate", (("5.0% R", 5),)),
        ("0.0% Z", "Zero rate", (("0.0% Z", 0),)),
        ("No VAT", "Out of scope", ()),
    ),
    "CA": (
        ("HST ON", "Ontario", (("HST ON", 13),)),
        ("GST/PST BC", "British Columbia", (("GST", 5), ("PST BC", 7))),
        ("Zero-rated", "Zero-rated", (("GST 0", 0),)),
        ("Out of Scope", "Out of Scope", ()),
    ),
    "AU": (("GST", "GST on income", (("GST", 10),)), ("GST free", "GST free", (("GST free", 0),))),
}


def save(books: Books, entity: str, body: Json) -> Json:
    return writing.save(books, kind_named(entity), body)


def lay_out(books: Books, *, custom_numbers: bool, address: Json | None) -> None:
    _company_info(books, address or {})
    _preferences(books, custom_numbers=custom_numbers)
    books.store.reach(books.realm, "DocNumber", 1000)
    for name, kind, subtype in ACCOUNTS:
        save(books, "Account", {"Name": name, "AccountType": kind, "AccountSubType": subtype})
    for name, days in TERMS:
        save(books, "Term", {"Name": name, "DueDays": days})
    for name in METHODS:
        save(
            books,
            "PaymentMethod",
            {"Name": name, "Type": "CREDIT_CARD" if "Card" in name else "NON_CREDIT_CARD"},
        )
    if books.company.sales_tax:
        _tax(books)
    for name in ("Services", "Hours"):
        save(
            books,
            "Item",
            {
                "Name": name,
                "Type": "Service",
                "Description": name,
                "IncomeAccountRef": {"value": "2"},
            },
        )


def _company_info(books: Books, address: Json) -> None:
    company = books.company
    # shape 18: Id 1, an empty WebAddr, truth values as text in both cases.
    books.add(
        "CompanyInfo",
        {
            "Id": "1",
            "CompanyName": company.name,
            "LegalName": company.name,
            "CompanyAddr": {"Id": "1", **address},
            "LegalAddr": {"Id": "1", **address},
            "CustomerCommunicationAddr": {"Id": "1", **address},
            "CustomerCommunicationEmailAddr": {"Address": "books@example.com"},
            "PrimaryPhone": {"FreeFormNumber": "(555) 010-0199"},
            "CompanyStartDate": "2023-03-01",
            "FiscalYearStartMonth": "January",
            "Country": company.country,
            "Email": {"Address": "books@example.com"},
            "WebAddr": {},
            "SupportedLanguages": "en",
            "DefaultTimeZone": {
                "GB": "Europe/London",
                "CA": "America/Toronto",
                "AU": "Australia/Sydney",
            }.get(company.country, "America/Los_Angeles"),
            "NameValue": [
                {"Name": "NeoEnabled", "Value": "true"},
                {"Name": "ItemCategoriesFeature", "Value": "true"},
                {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
                {"Name": "SubscriptionStatus", "Value": "SUBSCRIBED"},
                {"Name": "PayrollFeature", "Value": "False"},
            ],
        },
    )


def _preferences(books: Books, *, custom_numbers: bool) -> None:
    company = books.company
    tax: Json = {"UsingSalesTax": company.sales_tax}
    if company.sales_tax and company.is_us:
        tax |= {"PartnerTaxEnabled": True, "TaxGroupCodeRef": {"value": "2"}}
    books.add(
        "Preferences",
        {
            "Id": "1",
            "AccountingInfoPrefs": {
                "FirstMonthOfFiscalYear": "January",
                "UseAccountNumbers": False,
                "ClassTrackingPerTxn": False,
                "ClassTrackingPerTxnLine": False,
                "TrackDepartments": False,
                "CustomerTerminology": "Customers",
            },
            "ProductAndServicesPrefs": {
                "ForSales": True,
                "ForPurchase": True,
                "QuantityWithPriceAndRate": True,
                "QuantityOnHand": True,
            },
            "SalesFormsPrefs": {
                "CustomTxnNumbers": custom_numbers,
                "AllowDiscount": True,
                "AllowShipping": False,
                "AllowDeposit": True,
                "AllowEstimates": True,
                "AllowServiceDate": True,
                "ETransactionPaymentEnabled": False,
                "DefaultTerms": {"value": "3"},
                "DefaultCustomerMessage": "Thank you for your business.",
                "CustomField": [],
            },
            "EmailMessagesPrefs": {
                "InvoiceMessage": {"Subject": "Invoice", "Message": "Thank you!"}
            },
            "VendorAndPurchasesPrefs": {
                "TrackingByCustomer": True,
                "BillableExpenseTracking": True,
            },
            "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": True},
            "TaxPrefs": tax,
            "CurrencyPrefs": {
                "MultiCurrencyEnabled": company.multicurrency,
                "HomeCurrency": {"value": company.currency},
            },
            "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
            "OtherPrefs": {
                "NameValue": [
                    {
                        "Name": "SalesFormsPrefs.DefaultCustomerMessage",
                        "Value": "Thank you for your business.",
                    }
                ]
            },
        },
    )


def _tax(books: Books) -> None:
    company = books.company
    if company.is_us:
        _pseudo_codes(books)
        books.store.next_id(books.realm, "TaxCode")
    codes = TAX.get(company.country, TAX["AU"])
    for name, description, rates in codes:
        _tax_code(books, name, description, rates)
    if company.exempt:
        _tax_code(books, "Exempt", "Exempt", (("Exempt", 0),))


def _pseudo_codes(books: Books) -> None:
    # shape 17: text Ids, and no SyncToken, domain, sparse or Active.
    stamp = books.clock.stamp()
    for code, taxable in (("TAX", True), ("NON", False)):
        books.rewrite(
            "TaxCode",
            {
                "Id": code,
                "Name": code,
                "Description": code,
                "Taxable": taxable,
                "TaxGroup": False,
                "MetaData": {"CreateTime": stamp, "LastUpdatedTime": stamp},
            },
        )


def _tax_code(
    books: Books, name: str, description: str, rates: tuple[tuple[str, float], ...]
) -> None:
    details = []
    for order, (rate_name, percent) in enumerate(rates):
        rate: Json = {
            "Name": rate_name,
            "Description": rate_name,
            "AgencyRef": {"value": "1"},
            "SpecialTaxType": "NONE",
        }
        if rate_name == "20.0% S":
            # shape 33: a rate with a history has neither RateValue nor DisplayType.
            rate |= {
                "TaxReturnLineRef": {"value": "20"},
                "EffectiveTaxRate": [
                    {
                        "RateValue": 17.5,
                        "EffectiveDate": "1991-04-01T00:00:00-08:00",
                        "EndDate": "2011-01-03T00:00:00-08:00",
                    },
                    {"RateValue": 20, "EffectiveDate": "2011-01-04T00:00:00-08:00"},
                ],
            }
        else:
            rate |= {"RateValue": percent, "DisplayType": "ReadOnly"}
        saved = save(books, "TaxRate", rate)
        details.append(
            {
                "TaxRateRef": {"value": saved["Id"], "name": rate_name},
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": order,
            }
        )
    save(
        books,
        "TaxCode",
        {"Name": name, "Description": description, "SalesTaxRateList": {"TaxRateDetail": details}},
    )
