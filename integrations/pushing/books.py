"""What the company's books must offer before something can be sent: asked once, then kept."""

from __future__ import annotations

from dataclasses import dataclass

from integrations import bookkeeping, company_settings
from integrations.models import Connection
from integrations.pushing.outcome import Held, Hold, NotYet
from integrations.session import Session


@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax code of every line, None where the company uses no sales tax."""

    code_id: str | None
    global_tax: bool


def income_account(session: Session, connection: Connection) -> str:
    """The chosen income account, else the likeliest one (R12). Raises NotYet without any."""
    if not connection.income_account_id:
        bookkeeping.read_accounts(session, connection)
    if not connection.income_account_id:
        raise NotYet(Hold(Held.NO_INCOME_ACCOUNT))
    return connection.income_account_id


def fallback_item(connection: Connection) -> str:
    """The item that free-text lines go as: chosen, or called like it. Raises NotYet without."""
    item = bookkeeping.guess_fallback(connection)
    if not item:
        raise NotYet(Hold(Held.NO_FALLBACK_ITEM))
    return item


def allow_discount(session: Session, connection: Connection) -> None:
    """Raises NotYet where the company does not use discounts, also when asked once more."""
    if not connection.company.get("allows_discount"):
        company_settings.store(connection, company_settings.read(session))
    if not connection.company.get("allows_discount"):
        raise NotYet(Hold(Held.NO_DISCOUNT))


def line_tax(session: Session, connection: Connection) -> LineTax:
    """US: non-taxable. Elsewhere: the company's `Exempt`, or nothing without sales tax (R17).

    Raises NotYet where `Exempt` is wanted and missing.
    """
    if connection.country == "US":
        return LineTax("NON", global_tax=False)
    if not bookkeeping.needs_exempt(connection):
        return LineTax(None, global_tax=False)
    if not connection.exempt_code_id:
        bookkeeping.read_exempt(session, connection)
    if not connection.exempt_code_id:
        raise NotYet(Hold(Held.NO_EXEMPT_CODE))
    return LineTax(connection.exempt_code_id, global_tax=True)
