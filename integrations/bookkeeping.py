"""What the company's books offer for invoices made here, read when connecting and resetting.

The income account that products made here are booked to (R12), the tax code that every line goes
with outside the US (R17), and the lists of `integrations.assignments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from contacts.models import ProductType
from integrations import assignments, company_settings, outbox
from integrations.models import Connection, ItemLink
from integrations.pushing.outcome import Held
from integrations.quickbooks.mapping import read_record
from integrations.quickbooks.query import select_page
from integrations.quickbooks.records import AccountRecord, TaxCodeRecord
from integrations.session import Session, open_api

#: R17: exactly this, by our own comparison; QuickBooks compares without regard to case.
EXEMPT: Final = "Exempt"
#: The type of account that sales are booked to.
INCOME: Final = "Income"
#: What a line without a product can go as: stock has a quantity, a bundle its own lines.
FALLBACK_TYPES: Final = (ProductType.SERVICE, ProductType.NON_INVENTORY)
_LIKELY_SUBTYPES = ("SalesOfProductIncome", "ServiceFeeIncome")
_LIKELY_NAMES = ("services", "service", "sales", "hours")


class NotOffered(Exception):
    """Nothing was changed; `str()` is a sentence for the person who chose."""


@dataclass(frozen=True, slots=True)
class Account:
    """An income account as it is kept on the connection."""

    id: str
    name: str
    subtype: str


def refresh(connection_id: int) -> None:
    """Read the company's settings and what its books offer anew, as a reset does (R19).

    What was held for want of it goes again. Raises what `company_settings.read` raises.
    """
    connection = Connection.objects.working().filter(pk=connection_id).first()
    if connection is None:
        return
    with open_api(connection, background=True) as session:
        company_settings.store(connection, company_settings.read(session))
        read(session, connection)
    with transaction.atomic():
        outbox.look_again(connection, [Held.NO_DISCOUNT, Held.CLOSED_BOOKS])


def read(session: Session, connection: Connection) -> None:
    """Read what is needed later: one metered read, and one more for a tax code and for each list
    where the company needs them.

    What was held for want of it goes again.
    """
    read_accounts(session, connection)
    assignments.read(session, connection)
    if needs_exempt(connection):
        read_exempt(session, connection)
    here_now = []
    if connection.income_account_id:
        here_now.append(Held.NO_INCOME_ACCOUNT)
    if connection.exempt_code_id:
        here_now.append(Held.NO_EXEMPT_CODE)
    with transaction.atomic():
        outbox.look_again(connection, here_now)


def read_accounts(session: Session, connection: Connection) -> None:
    """Keep the active accounts to book sales and to deposit payments to, by one metered read.

    A chosen one stays while it exists (R12).
    """
    types = {"AccountType": (INCOME, *assignments.DEPOSIT_TYPES)}
    statement = select_page(AccountRecord.entity, among=types)
    page = session.call(lambda api: api.query(statement))
    found = [read_record(AccountRecord.entity, raw) for raw in page.records]
    active = [each for each in found if isinstance(each, AccountRecord) and each.active]
    to_deposit = [each for each in active if each.type in assignments.DEPOSIT_TYPES]
    with transaction.atomic():
        assignments.lock_and_take(connection, "income_account_id")
        _offer_income_accounts(connection, [each for each in active if each.type == INCOME])
        rows = [(each.external_id, each.full_name) for each in to_deposit]
        assignments.offer(connection, assignments.DEPOSIT, rows)
        connection.save(
            update_fields=[
                "income_accounts",
                "income_account_id",
                "income_account_name",
                *assignments.FIELDS,
            ]
        )


def _offer_income_accounts(connection: Connection, usable: list[AccountRecord]) -> None:
    usable.sort(key=_rank)
    connection.income_accounts = [
        {"id": each.external_id, "name": each.full_name, "subtype": each.subtype} for each in usable
    ]
    offered = accounts_of(connection)
    kept = next((each for each in offered if each.id == connection.income_account_id), None)
    likeliest = kept or next(iter(offered), None)
    connection.income_account_id = likeliest.id if likeliest else ""
    connection.income_account_name = likeliest.name if likeliest else ""


def read_exempt(session: Session, connection: Connection) -> None:
    """Keep the id of the active tax code named exactly `Exempt`; "" if there is none (R17)."""
    statement = select_page(TaxCodeRecord.entity, where={"Name": EXEMPT})
    page = session.call(lambda api: api.query(statement))
    codes = [read_record(TaxCodeRecord.entity, raw) for raw in page.records]
    connection.exempt_code_id = next(
        (
            code.external_id
            for code in codes
            if isinstance(code, TaxCodeRecord) and code.active and code.name == EXEMPT
        ),
        "",
    )
    connection.save(update_fields=["exempt_code_id"])


def needs_exempt(connection: Connection) -> bool:
    """Whether every line needs a tax code of the company's own (R17)."""
    return connection.country != "US" and bool(connection.company.get("uses_sales_tax"))


def accounts_of(connection: Connection) -> list[Account]:
    """The income accounts as last read, the likeliest first."""
    return [
        Account(each["id"], each["name"], each["subtype"]) for each in connection.income_accounts
    ]


def fallback_products(connection: Connection) -> QuerySet[ItemLink]:
    """The items that lines without a product can go as: linked, alive and active."""
    return ItemLink.objects.filter(
        connection=connection,
        gone_at=None,
        frozen_at=None,
        product__active=True,
        product__type__in=FALLBACK_TYPES,
    ).select_related("product")


def guess_fallback(connection: Connection) -> str:
    """The item that lines without a product go as: the chosen one, else one called like it.

    "" where there is none; then a person chooses. One query while the chosen one is still good.
    """
    usable = usable_fallback(connection)
    known = usable.external_id if usable else ""
    if known != connection.fallback_item_id:
        _keep_fallback(connection, usable)
    return known


def usable_fallback(connection: Connection) -> ItemLink | None:
    """What `guess_fallback` would keep; nothing is written."""
    usable = fallback_products(connection).defer("snapshot")
    if connection.fallback_item_id:
        chosen = usable.filter(external_id=connection.fallback_item_id).first()
        if chosen is not None:
            return chosen
    named = usable.filter(
        product__type=ProductType.SERVICE, product__full_name__lower__in=_LIKELY_NAMES
    )
    return named.order_by("pk").first()


@transaction.atomic
def choose(
    connection: Connection, *, account_id: str, fallback_id: str, assigned: Mapping[str, str]
) -> None:
    """Book to this account from now on, and send lines without a product as this item.

    "" leaves the one that is chosen; `assigned` is as `assignments.choose` wants it. What was held
    for want of them goes again. Raises NotOffered for what is not, or no longer, to be had.
    """
    released = []
    if account_id:
        account = next((each for each in accounts_of(connection) if each.id == account_id), None)
        if account is None:
            raise NotOffered("That account is not among the income accounts any more.")
        connection.income_account_id = account.id
        connection.income_account_name = account.name
        connection.save(update_fields=["income_account_id", "income_account_name"])
        released.append(Held.NO_INCOME_ACCOUNT)
    if fallback_id:
        item = fallback_products(connection).filter(external_id=fallback_id).first()
        if item is None:
            raise NotOffered("That product cannot be used any more; choose another one.")
        _keep_fallback(connection, item)
        released.append(Held.NO_FALLBACK_ITEM)
    try:
        assignments.choose(connection, assigned)
    except assignments.NotAssignable as exc:
        raise NotOffered(str(exc)) from exc
    outbox.look_again(connection, released)


def _keep_fallback(connection: Connection, link: ItemLink | None) -> None:
    connection.fallback_item_id = link.external_id if link else ""
    connection.fallback_item_name = link.product.full_name or link.product.name if link else ""
    connection.save(update_fields=["fallback_item_id", "fallback_item_name"])


def _rank(account: AccountRecord) -> tuple[int, str]:
    known = account.subtype in _LIKELY_SUBTYPES
    return (_LIKELY_SUBTYPES.index(account.subtype) if known else 9, account.full_name)
