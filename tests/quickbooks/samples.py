"""Rows as QuickBooks sends them, made up after the shapes seen on the wire."""

from __future__ import annotations

import json
from typing import Any

METADATA = {
    "CreateTime": "2026-01-12T09:15:30-08:00",
    "LastUpdatedTime": "2026-07-03T16:40:02-07:00",
}


def encoded(row: dict[str, Any]) -> bytes:
    return json.dumps(row).encode()


def without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def customer(**changes: Any) -> dict[str, Any]:
    return {
        "Taxable": True,
        "BillAddr": {
            "Id": "95",
            "Line1": "12 Harbour Row",
            "Line2": "Unit 4",
            "City": "Port Ellen",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "94001",
            "Country": "USA",
            "Lat": "INVALID",
            "Long": "INVALID",
        },
        "Job": False,
        "BillWithParent": False,
        "Balance": 118.50,
        "BalanceWithJobs": 118.5,
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "PreferredDeliveryMethod": "Print",
        "IsProject": False,
        "V4IDPseudonym": "00207212345678",
        "domain": "QBO",
        "sparse": False,
        "Id": "71",
        "SyncToken": "3",
        "MetaData": METADATA,
        "GivenName": "Marta",
        "MiddleName": "J.",
        "FamilyName": "Okafor",
        "FullyQualifiedName": "Okafor Timber",
        "CompanyName": "Okafor Timber Ltd",
        "DisplayName": "Okafor Timber",
        "PrintOnCheckName": "Okafor Timber Ltd",
        "Active": True,
        "PrimaryPhone": {"FreeFormNumber": "(555) 010-7788"},
        "Mobile": {"FreeFormNumber": "(555) 999-0000"},
        "PrimaryEmailAddr": {"Address": "Marta@Okafor.example"},
    } | changes


def item(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "Oak board",
        "Sku": "OB-20",
        "Description": "Sawn oak\nkiln dried",
        "Active": True,
        "FullyQualifiedName": "Timber:Oak board",
        "Taxable": True,
        "UnitPrice": 92.5633333,
        "Type": "NonInventory",
        "IncomeAccountRef": {"value": "79", "name": "Sales of Product Income"},
        "PurchaseCost": 0,
        "TrackQtyOnHand": False,
        "domain": "QBO",
        "sparse": False,
        "Id": "18",
        "SyncToken": "0",
        "MetaData": METADATA,
    } | changes


def item_line(amount: Any, **detail: Any) -> dict[str, Any]:
    return {
        "Id": "1",
        "LineNum": 1,
        "Description": "Sawn oak",
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": "18", "name": "Timber:Oak board"},
            "UnitPrice": amount,
            "Qty": 1,
            "TaxCodeRef": {"value": "NON"},
        }
        | detail,
        "CustomExtensions": [],
    }


def subtotal_line(amount: Any) -> dict[str, Any]:
    return {"Amount": amount, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}


def discount_line(amount: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }


def text_line(text: str) -> dict[str, Any]:
    return {
        "Id": "4",
        "LineNum": 4,
        "Description": text,
        "DetailType": "DescriptionOnly",
        "DescriptionLineDetail": {},
    }


def invoice(**changes: Any) -> dict[str, Any]:
    return {
        "AllowIPNPayment": False,
        "domain": "QBO",
        "sparse": False,
        "Id": "266",
        "SyncToken": "1",
        "MetaData": METADATA,
        "CustomField": [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}],
        "DocNumber": "1039",
        "TxnDate": "2026-06-30",
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "LinkedTxn": [],
        "Line": [item_line(375), item_line(1005.00), subtotal_line(1380)],
        "TxnTaxDetail": {"TotalTax": 0},
        "CustomerRef": {"value": "71", "name": "Okafor Timber"},
        "CustomerMemo": {"value": "Thank you for\nyour business."},
        "SalesTermRef": {"value": "3", "name": "Net 30"},
        "DueDate": "2026-07-30",
        "TotalAmt": 1380.00,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
        "BillEmail": {"Address": "marta@okafor.example"},
        "Balance": 1380.00,
    } | changes


def payment(**changes: Any) -> dict[str, Any]:
    return {
        "CustomerRef": {"value": "71", "name": "Okafor Timber"},
        "DepositToAccountRef": {"value": "4"},
        "PaymentMethodRef": {"value": "2"},
        "PaymentRefNum": "CHQ 4411",
        "TotalAmt": 150.00,
        "UnappliedAmt": 25.00,
        "ProcessPayment": False,
        "domain": "QBO",
        "sparse": False,
        "Id": "301",
        "SyncToken": "0",
        "MetaData": METADATA,
        "TxnDate": "2026-07-02",
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "PrivateNote": "by post",
        "Line": [
            {
                "Amount": 125.00,
                "LinkedTxn": [{"TxnId": "266", "TxnType": "Invoice"}],
                "LineEx": {"any": [{"value": {"Name": "txnOpenBalance", "Value": "125.00"}}]},
            }
        ],
    } | changes


def page(kind: str, rows: list[dict[str, Any]], **more: Any) -> bytes:
    """A query's answer. An empty one has no array and no counters."""
    inside = {kind: rows, "startPosition": 1, "maxResults": len(rows)} if rows else {}
    body = {"QueryResponse": inside | more, "time": "2026-07-04T10:11:12.345-07:00"}
    return json.dumps(body).encode()
