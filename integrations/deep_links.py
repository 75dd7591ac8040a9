"""Where a record is seen in QuickBooks' own web pages."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.conf import settings

#: Page and parameter for each kind of object. They are the addresses QuickBooks' own pages use.
_PAGES: Final = {
    "Customer": ("customerdetail", "nameId"),
    "Item": ("items", "itemId"),
    "Invoice": ("invoice", "txnId"),
    "Payment": ("recvpayment", "txnId"),
}


def web_address(entity: str, external_id: str) -> str:
    """The object's page in QuickBooks; "" for a kind without one or without an id."""
    if entity not in _PAGES or not external_id:
        return ""
    page, parameter = _PAGES[entity]
    return f"{settings.QUICKBOOKS_APP_URL}/{page}?{urlencode({parameter: external_id})}"


def settings_address() -> str:
    """Where a person of the company sees and disconnects apps in QuickBooks."""
    return f"{settings.QUICKBOOKS_APP_URL}/apps/myapps"
