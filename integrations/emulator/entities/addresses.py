"""Postal and e-mail addresses."""

from __future__ import annotations

import re

from integrations.emulator import faults
from integrations.emulator.books import Books
from integrations.emulator.jsontext import Json

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


def check_email(books: Books, text: str) -> None:
    """Raises Fault 2210. Whether several addresses in one field pass is not known (facts 7.12)."""
    parts = [part.strip() for part in re.split(r"[,;]", text)]
    if len(parts) > 1 and not books.person and not books.switches["several_emails"]:
        raise faults.invalid_email()
    if not all(EMAIL.fullmatch(part) for part in parts):
        raise faults.invalid_email()


def number_address(books: Books, address: Json) -> None:
    """Give a new address its Id; coordinates are text (shape 25)."""
    if "Id" not in address:
        address["Id"] = str(books.store.next_id(books.realm, "address"))


def reflowed(address: Json) -> Json:
    """facts 4.3: on a transaction a changed address comes back as free lines."""
    place = ", ".join(
        part for part in (address.get("City"), address.get("CountrySubDivisionCode")) if part
    )
    last = "  ".join(part for part in (place, address.get("PostalCode")) if part)
    lines = [address.get(f"Line{number}") for number in range(1, 6)]
    kept = [line for line in [*lines, last, address.get("Country")] if line]
    flowed: Json = {f"Line{index}": line for index, line in enumerate(kept[:5], 1)}
    if "Id" in address:
        flowed["Id"] = address["Id"]
    return flowed
