"""Where Intuit's servers are, by environment name."""

from __future__ import annotations

from typing import Final

DISCOVERY_URLS: Final = {
    "production": "https://developer.intuit.com/.well-known/openid_configuration/",
    "sandbox": "https://developer.intuit.com/.well-known/openid_sandbox_configuration/",
}
API_URLS: Final = {
    "production": "https://quickbooks.api.intuit.com/v3",
    "sandbox": "https://sandbox-quickbooks.api.intuit.com/v3",
}
