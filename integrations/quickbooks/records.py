"""What QuickBooks holds, as plain records: ids are text, money Decimal, times aware and in UTC.

Texts are never None: a missing one is "". They come cleaned (no control characters, ordinary
blanks, trimmed) and otherwise as they were typed, however long. `raw` is the exact JSON text the
record was read from; it may hold escapes (``\\u0000``) that a text column keeps and jsonb refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

ItemKind = Literal["service", "noninventory", "inventory", "bundle", "category"]
LineKind = Literal["item", "text", "subtotal", "shipping"]


class _Discreet:
    """A repr that names the record and shows nothing of a customer's data."""

    __slots__ = ()
    external_id: Any

    def __repr__(self) -> str:
        return f"{type(self).__name__}(external_id={self.external_id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class CustomerRecord(_Discreet):
    """A QBO customer, sub-customer or project.

    `email` is the first address of the field as typed, "" when it holds none (R6, R7).
    `parent_id` and `level` > 0 mark a sub-customer. `currency` is "" where the answer names none.
    """

    entity: ClassVar[str] = "Customer"

    external_id: str
    sync_token: int
    created_at: datetime
    updated_at: datetime
    active: bool
    display_name: str
    first_name: str
    middle_name: str
    last_name: str
    company: str
    email: str
    phone: str
    line1: str
    line2: str
    line3: str
    line4: str
    line5: str
    city: str
    region: str
    postal_code: str
    country: str
    currency: str
    parent_id: str | None
    level: int
    is_project: bool
    raw: str


@dataclass(frozen=True, slots=True, repr=False)
class ItemRecord(_Discreet):
    """A QBO product, service, bundle or category. `full_name` is "Parent:Child"."""

    entity: ClassVar[str] = "Item"

    external_id: str
    sync_token: int
    created_at: datetime
    updated_at: datetime
    active: bool
    name: str
    full_name: str
    sku: str
    description: str
    unit_price: Decimal | None
    kind: ItemKind
    taxable: bool | None
    income_account_id: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One visible line. `position` counts from 1 over the expanded lines.

    `kind` "item" is a product line (or one without a product), "shipping" QBO's shipping line,
    "text" a description without amount, "subtotal" an inline `Subtotal:` description.
    `bundle_name` names the bundle a line came out of. A voided line has no quantity and price.
    """

    position: int
    kind: LineKind
    item_id: str | None
    item_name: str
    bundle_name: str
    description: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None
    service_date: date | None

    def __repr__(self) -> str:
        return f"LineRecord(position={self.position}, kind={self.kind!r})"


@dataclass(frozen=True, slots=True, repr=False)
class InvoiceRecord(_Discreet):
    """A QBO invoice. Always: subtotal - discount + tax == total.

    `subtotal` is what the lines come to before discount and tax, net of tax also where the
    company enters gross prices. It equals the sum of the lines' amounts wherever QuickBooks' own
    numbers add up; where they do not (a cent lost in gross prices, a gross discount) `total`,
    `tax` and `discount` are as QuickBooks sent them and `subtotal` takes the difference.
    """

    entity: ClassVar[str] = "Invoice"

    external_id: str
    sync_token: int
    created_at: datetime
    updated_at: datetime
    customer_id: str
    customer_name: str
    doc_number: str
    issue_date: date
    due_date: date | None
    currency: str
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    balance: Decimal
    voided: bool
    private_note: str
    memo: str
    email: str
    term_id: str | None
    lines: tuple[LineRecord, ...]
    raw: str


@dataclass(frozen=True, slots=True)
class AppliedRecord:
    """A part of a payment on one transaction. `invoice_id` is an invoice's only if
    `txn_type` is "Invoice"; CreditMemo, JournalEntry and others occur."""

    invoice_id: str
    amount: Decimal
    txn_type: str


@dataclass(frozen=True, slots=True, repr=False)
class PaymentRecord(_Discreet):
    """A payment received. `unapplied` is the customer credit left over."""

    entity: ClassVar[str] = "Payment"

    external_id: str
    sync_token: int
    created_at: datetime
    updated_at: datetime
    customer_id: str
    date: date
    amount: Decimal
    unapplied: Decimal
    currency: str
    reference: str
    method_id: str | None
    note: str
    voided: bool
    applied: tuple[AppliedRecord, ...]
    raw: str


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """The connected company and those of its preferences that decide what can be sent.

    `automated_sales_tax` is None where QuickBooks does not say. `time_zone` is "" where unknown.
    """

    name: str
    legal_name: str
    country: str
    home_currency: str
    multicurrency: bool
    uses_sales_tax: bool
    automated_sales_tax: bool
    custom_numbers: bool
    allows_discount: bool
    book_close_date: date | None
    time_zone: str
    default_terms_id: str | None
    class_tracking: bool
    class_tracking_per_line: bool
    location_tracking: bool
    email: str
    raw_company: str = field(repr=False)
    raw_preferences: str = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class AccountRecord(_Discreet):
    """A ledger account. `type` and `subtype` are QBO's AccountType and AccountSubType."""

    entity: ClassVar[str] = "Account"

    external_id: str
    name: str
    full_name: str
    type: str
    subtype: str
    active: bool
    currency: str
    raw: str


@dataclass(frozen=True, slots=True, repr=False)
class TaxCodeRecord(_Discreet):
    """A tax code. `name` is exactly as QuickBooks has it, for the comparison with `Exempt` (R17).

    The pseudo codes "TAX" and "NON" carry no `Active` and count as active.
    """

    entity: ClassVar[str] = "TaxCode"

    external_id: str
    name: str
    description: str
    active: bool
    hidden: bool
    taxable: bool | None
    raw: str


@dataclass(frozen=True, slots=True, repr=False)
class TermRecord(_Discreet):
    """Terms of payment; `due_days` only for the standard kind."""

    entity: ClassVar[str] = "Term"

    external_id: str
    name: str
    due_days: int | None
    active: bool
    raw: str


@dataclass(frozen=True, slots=True, repr=False)
class ListedRecord(_Discreet):
    """A class or a location, to be chosen from. `name` is the whole path, "Parent:Child"."""

    external_id: str
    name: str
    active: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A transaction that was deleted in QuickBooks: its id is all that is left."""

    kind: str
    external_id: str
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not be mapped, to be set aside; `reason` is a sentence for a person.

    Id, SyncToken and time of change are there as far as they could be read.
    """

    kind: str
    external_id: str | None
    reason: str
    raw: str = field(repr=False)
    sync_token: int | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """Identity and age of a row, for lists that are only compared, not applied."""

    external_id: str
    sync_token: int | None
    updated_at: datetime | None
    created_at: datetime | None = None


Record = (
    CustomerRecord
    | ItemRecord
    | InvoiceRecord
    | PaymentRecord
    | AccountRecord
    | TaxCodeRecord
    | TermRecord
    | ListedRecord
)
