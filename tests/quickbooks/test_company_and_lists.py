from __future__ import annotations

from datetime import date

import pytest

from integrations.quickbooks.mapping import company_from, read_record
from integrations.quickbooks.mapping.values import Unmappable
from tests.quickbooks import samples

COMPANY = {
    "CompanyName": "Harbour Works",
    "LegalName": "Harbour Works Inc.",
    "Country": "CA",
    "Email": {"Address": "books@harbour.example"},
    "WebAddr": {},
    "DefaultTimeZone": "America/Toronto",
    "NameValue": [{"Name": "NeoEnabled", "Value": "true"}],
    "Id": "1",
    "SyncToken": "4",
    "MetaData": samples.METADATA,
}
PREFERENCES = {
    "AccountingInfoPrefs": {
        "BookCloseDate": "2025-12-31",
        "ClassTrackingPerTxn": False,
        "ClassTrackingPerTxnLine": True,
        "TrackDepartments": True,
    },
    "SalesFormsPrefs": {
        "CustomTxnNumbers": True,
        "AllowDiscount": True,
        "DefaultTerms": {"value": "3"},
    },
    "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True},
    "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "CAD"}},
    "Id": "1",
}


def test_the_company_and_what_it_allows():
    record = company_from(samples.encoded(COMPANY), samples.encoded(PREFERENCES))
    assert (record.name, record.legal_name, record.country) == (
        "Harbour Works",
        "Harbour Works Inc.",
        "CA",
    )
    assert (record.home_currency, record.multicurrency) == ("CAD", True)
    assert (record.uses_sales_tax, record.automated_sales_tax) == (True, True)
    assert (record.custom_numbers, record.allows_discount) == (True, True)
    assert record.book_close_date == date(2025, 12, 31)
    assert (record.time_zone, record.default_terms_id) == ("America/Toronto", "3")
    assert (record.class_tracking, record.class_tracking_per_line) == (False, True)
    assert record.location_tracking is True
    assert record.email == "books@harbour.example"


def test_r17_a_missing_partner_tax_means_no_automated_sales_tax():
    preferences = PREFERENCES | {"TaxPrefs": {"UsingSalesTax": True}}
    record = company_from(samples.encoded(COMPANY), samples.encoded(preferences))
    assert record.automated_sales_tax is False


def test_a_company_with_no_preferences_at_all():
    record = company_from(b"{}", b"{}")
    assert (record.name, record.home_currency, record.book_close_date) == ("", "", None)
    assert record.multicurrency is record.custom_numbers is record.allows_discount is False


@pytest.mark.parametrize("broken", [b"[]", b"", b'{"CompanyName":5}', b"\xff"])
def test_settings_that_cannot_be_read_are_one_error(broken):
    with pytest.raises(Unmappable):
        company_from(broken, b"{}")


def test_an_account():
    row = {
        "Name": "Sales (deleted)",
        "FullyQualifiedName": "Income:Sales (deleted)",
        "Active": False,
        "AccountType": "Income",
        "AccountSubType": "SalesOfProductIncome",
        "CurrencyRef": {"value": "USD"},
        "Id": "79",
    }
    record = read_record("Account", samples.encoded(row))
    assert (record.external_id, record.name, record.full_name) == ("79", "Sales", "Income:Sales")
    assert (record.type, record.subtype) == ("Income", "SalesOfProductIncome")
    assert record.active is False


def test_r17_pseudo_tax_codes_carry_neither_token_nor_active():
    row = {"Name": "NON", "Description": "No tax", "Taxable": False, "TaxGroup": False, "Id": "NON"}
    record = read_record("TaxCode", samples.encoded(row))
    assert (record.external_id, record.active, record.hidden) == ("NON", True, False)
    assert record.taxable is False


def test_r17_the_name_of_a_tax_code_is_left_exactly_as_it_is():
    record = read_record("TaxCode", samples.encoded({"Id": "5", "Name": "Exempt "}))
    assert record.name == "Exempt "


def test_a_term():
    standard = read_record("Term", samples.encoded({"Id": "3", "Name": "Net 30", "DueDays": 30}))
    by_date = read_record("Term", samples.encoded({"Id": "4", "Name": "15th", "Active": False}))
    assert (standard.name, standard.due_days, standard.active) == ("Net 30", 30, True)
    assert (by_date.due_days, by_date.active) == (None, False)


@pytest.mark.parametrize("kind", ["Class", "Department"])
def test_a_class_or_a_location_is_named_by_its_whole_path(kind):
    row = {"Id": "200900000000012345", "Name": "North", "FullyQualifiedName": "Shops:North"}
    record = read_record(kind, samples.encoded(row))
    assert (record.external_id, record.name) == ("200900000000012345", "Shops:North")
    assert record.active is True
    assert read_record(kind, samples.encoded(row | {"Active": False})).active is False
