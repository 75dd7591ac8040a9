"""What the company's books must offer before something can be sent: asked once, then kept."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.models import ProductType
from integrations.models import Connection, ItemLink
from integrations.pushing.outcome import Held, Hold, NotYet
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import AccountRecord, TaxCodeRecord
from integrations.session import Session

_INCOME_SUBTYPES = ("SalesOfProductIncome", "ServiceFeeIncome")
_FALLBACK_NAMES = ("services", "service", "sales", "hours")
#: R17: exactly this, by our own comparison; QuickBooks compares without regard to case.
EXEMPT = "Exempt"


@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax code of every line, None where the company uses no sales tax."""

    code_id: str | None
    global_tax: bool


def income_account(session: Session, connection: Connection) -> str:
    """The chosen income account, else the likeliest one (R12). Raises NotYet without any."""
    if connection.income_account_id:
        return connection.income_account_id
    statement = select_page(AccountRecord.entity, where={"AccountType": "Income"})
    page = session.call(lambda api: api.query(statement))
    accounts = [read_record(AccountRecord.entity, raw) for raw in page.records]
    usable = [a for a in accounts if isinstance(a, AccountRecord) and a.active]
    if not usable:
        raise NotYet(Hold(Held.NO_INCOME_ACCOUNT))
    best = min(usable, key=_income_rank)
    Connection.objects.filter(pk=connection.pk).update(
        income_account_id=best.external_id, income_account_name=best.full_name or best.name
    )
    connection.income_account_id = best.external_id
    return best.external_id


def fallback_item(connection: Connection) -> str:
    """The item that free-text lines go as: chosen, or called like it. Raises NotYet without."""
    if connection.fallback_item_id:
        return connection.fallback_item_id
    likely = (
        ItemLink.objects.filter(
            connection=connection,
            gone_at=None,
            product__active=True,
            product__type=ProductType.SERVICE,
            product__full_name__lower__in=_FALLBACK_NAMES,
        )
        .order_by("pk")
        .select_related("product")
        .first()
    )
    if likely is None:
        raise NotYet(Hold(Held.NO_FALLBACK_ITEM))
    Connection.objects.filter(pk=connection.pk).update(
        fallback_item_id=likely.external_id, fallback_item_name=likely.product.full_name
    )
    connection.fallback_item_id = likely.external_id
    return likely.external_id


def line_tax(session: Session, connection: Connection) -> LineTax:
    """US: non-taxable. Elsewhere: the company's `Exempt`, or nothing without sales tax (R17).

    Raises NotYet where `Exempt` is wanted and missing.
    """
    if connection.country == "US":
        return LineTax("NON", global_tax=False)
    if not connection.company.get("uses_sales_tax"):
        return LineTax(None, global_tax=False)
    if not connection.exempt_code_id:
        code = _exempt_code(session)
        if code is None:
            raise NotYet(Hold(Held.NO_EXEMPT_CODE))
        Connection.objects.filter(pk=connection.pk).update(exempt_code_id=code)
        connection.exempt_code_id = code
    return LineTax(connection.exempt_code_id, global_tax=True)


def _exempt_code(session: Session) -> str | None:
    statement = select_page(TaxCodeRecord.entity, where={"Name": EXEMPT})
    page = session.call(lambda api: api.query(statement))
    codes = [read_record(TaxCodeRecord.entity, raw) for raw in page.records]
    return next(
        (
            code.external_id
            for code in codes
            if isinstance(code, TaxCodeRecord) and code.active and code.name == EXEMPT
        ),
        None,
    )


def _income_rank(account: AccountRecord) -> tuple[int, str]:
    known = account.subtype in _INCOME_SUBTYPES
    return (_INCOME_SUBTYPES.index(account.subtype) if known else 9, account.full_name)
