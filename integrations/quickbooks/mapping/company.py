"""CompanyInfo and Preferences as one CompanyRecord."""

from __future__ import annotations

import msgspec

from integrations.quickbooks import wire
from integrations.quickbooks.mapping import values
from integrations.quickbooks.mapping.text import address, line
from integrations.quickbooks.records import CompanyRecord

_company_decoder = msgspec.json.Decoder(wire.CompanyInfo, strict=False)
_preferences_decoder = msgspec.json.Decoder(wire.Preferences, strict=False)


def company_from(company_info: bytes | str, preferences: bytes | str) -> CompanyRecord:
    """Map both objects. Raises values.Unmappable (a ValueError) if either is not."""
    try:
        return _mapped(company_info, preferences)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise values.Unmappable("the company's settings cannot be read") from None


def _mapped(company_info: bytes | str, preferences: bytes | str) -> CompanyRecord:
    company = _company_decoder.decode(company_info)
    settings = _preferences_decoder.decode(preferences)
    sales = settings.sales_forms_prefs or wire.SalesFormsPrefs()
    tax = settings.tax_prefs or wire.TaxPrefs()
    money = settings.currency_prefs or wire.CurrencyPrefs()
    books = settings.accounting_info_prefs or wire.AccountingPrefs()
    return CompanyRecord(
        name=line(company.company_name),
        legal_name=line(company.legal_name),
        country=line(company.country),
        home_currency=values.currency(money.home_currency),
        multicurrency=bool(money.multi_currency_enabled),
        uses_sales_tax=bool(tax.using_sales_tax),
        automated_sales_tax=bool(tax.partner_tax_enabled),
        custom_numbers=bool(sales.custom_txn_numbers),
        allows_discount=bool(sales.allow_discount),
        book_close_date=values.day_or_none(books.book_close_date, "the closing date"),
        time_zone=line(company.default_time_zone),
        default_terms_id=values.reference(sales.default_terms),
        class_tracking=bool(books.class_tracking_per_txn),
        class_tracking_per_line=bool(books.class_tracking_per_txn_line),
        location_tracking=bool(books.track_departments),
        email=address(company.email.address) if company.email else "",
        raw_company=values.source(company_info),
        raw_preferences=values.source(preferences),
    )
