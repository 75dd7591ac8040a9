"""A contact's fields as a customer (R7, R9; lengths of facts 4.1 are the forms' business)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from integrations.quickbooks.outgoing.body import encoded, sparse

_TEXTS: Final = {
    "first_name": "GivenName",
    "middle_name": "MiddleName",
    "last_name": "FamilyName",
    "company": "CompanyName",
}
_ADDRESS: Final = {
    "line1": "Line1",
    "line2": "Line2",
    "line3": "Line3",
    "line4": "Line4",
    "line5": "Line5",
    "city": "City",
    "region": "CountrySubDivisionCode",
    "postal_code": "PostalCode",
    "country": "Country",
}
LONGEST_NAME: Final = 500


def update(
    external_id: str, sync_token: int, fields: Mapping[str, str], changed: Collection[str]
) -> bytes:
    """A sparse update of the changed fields. An address goes whole: it is one object there."""
    return sparse(external_id, sync_token, _properties(fields, changed))


def create(fields: Mapping[str, str], *, display_name: str, currency: str) -> bytes:
    """A new customer with what is filled in. `currency` "" leaves it to the company's own."""
    filled = [name for name, value in fields.items() if value]
    values: dict[str, Any] = {"DisplayName": display_name, **_properties(fields, filled)}
    if currency:
        values["CurrencyRef"] = {"value": currency}
    return encoded(values)


def display_name(fields: Mapping[str, str], *, with_address: bool = False) -> str:
    """What the customer is called: the person, else the company, else the address (R9).

    A name that is taken already gets the address in parentheses. Colons, tabs and line ends are
    not allowed there (facts 4.1).
    """
    person = " ".join(fields[part] for part in ("first_name", "middle_name", "last_name"))
    name = " ".join(person.split()) or fields["company"] or fields["email"]
    name = " ".join(name.replace(":", " ").split())
    suffix = f" ({fields['email']})" if with_address else ""
    return name[: LONGEST_NAME - len(suffix)] + suffix


def _properties(fields: Mapping[str, str], names: Collection[str]) -> dict[str, Any]:
    values: dict[str, Any] = {_TEXTS[name]: fields[name] for name in names if name in _TEXTS}
    if "email" in names:
        values["PrimaryEmailAddr"] = {"Address": fields["email"]}
    if "phone" in names:
        values["PrimaryPhone"] = {"FreeFormNumber": fields["phone"]}
    if any(name in _ADDRESS for name in names):
        values["BillAddr"] = {theirs: fields[ours] for ours, theirs in _ADDRESS.items()}
    return values
