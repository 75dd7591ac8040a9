"""The shapes of QBO's JSON: only the keys we use, all of them optional, numbers as Decimal."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct, field


class Ref(Struct, gc=False):
    """A reference; `name` is often missing."""

    value: str | None = None
    name: str | None = None


class MetaData(Struct, rename="pascal", gc=False):
    """Both times may carry different offsets in one record."""

    create_time: str | None = None
    last_updated_time: str | None = None


class Email(Struct, rename="pascal", gc=False):
    """An email field; may hold several addresses."""

    address: str | None = None


class Phone(Struct, rename="pascal", gc=False):
    """A phone field, free text."""

    free_form_number: str | None = None


class Address(Struct, rename="pascal", gc=False):
    """A postal address; `{"Id": ...}` alone occurs."""

    line1: str | None = None
    line2: str | None = None
    line3: str | None = None
    line4: str | None = None
    line5: str | None = None
    city: str | None = None
    country_sub_division_code: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Entity(Struct, rename="pascal"):
    """What every row may carry. A row with status "Deleted" has little else than its Id."""

    id: str | None = None
    sync_token: str | None = None
    meta_data: MetaData | None = None
    status: str | None = field(name="status", default=None)
    sparse: bool | None = field(name="sparse", default=None)


class Customer(Entity, rename="pascal"):
    """A customer."""

    active: bool | None = None
    display_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    company_name: str | None = None
    primary_email_addr: Email | None = None
    primary_phone: Phone | None = None
    bill_addr: Address | None = None
    currency_ref: Ref | None = None
    parent_ref: Ref | None = None
    level: int | None = None
    is_project: bool | None = None


class Item(Entity, rename="pascal"):
    """An item; `Group` is a bundle."""

    active: bool | None = None
    name: str | None = None
    fully_qualified_name: str | None = None
    sku: str | None = None
    description: str | None = None
    unit_price: Decimal | None = None
    type: str | None = None
    taxable: bool | None = None
    income_account_ref: Ref | None = None


class SalesItemDetail(Struct, rename="pascal", gc=False):
    """The inside of a product line."""

    item_ref: Ref | None = None
    qty: Decimal | None = None
    unit_price: Decimal | None = None
    service_date: str | None = None


class DescriptionDetail(Struct, rename="pascal", gc=False):
    """The inside of a line of text."""

    service_date: str | None = None


class GroupDetail(Struct, rename="pascal"):
    """The inside of a bundle."""

    group_item_ref: Ref | None = None
    quantity: Decimal | None = None
    line: list[Line] | None = None


class Line(Struct, rename="pascal"):
    """A line of a sales form."""

    detail_type: str | None = None
    description: str | None = None
    amount: Decimal | None = None
    sales_item_line_detail: SalesItemDetail | None = None
    group_line_detail: GroupDetail | None = None
    description_line_detail: DescriptionDetail | None = None


class TaxDetail(Struct, rename="pascal", gc=False):
    """The tax of a transaction, as QBO computed it."""

    total_tax: Decimal | None = None


class Memo(Struct, gc=False):
    """A memo shown to the customer."""

    value: str | None = None


class Invoice(Entity, rename="pascal"):
    """An invoice."""

    customer_ref: Ref | None = None
    doc_number: str | None = None
    txn_date: str | None = None
    due_date: str | None = None
    currency_ref: Ref | None = None
    line: list[Line] | None = None
    txn_tax_detail: TaxDetail | None = None
    total_amt: Decimal | None = None
    balance: Decimal | None = None
    private_note: str | None = None
    customer_memo: Memo | None = None
    bill_email: Email | None = None
    sales_term_ref: Ref | None = None


class LinkedTxn(Struct, rename="pascal", gc=False):
    """What a payment line pays."""

    txn_id: str | None = None
    txn_type: str | None = None


class PaymentLine(Struct, rename="pascal"):
    """A part of a payment."""

    amount: Decimal | None = None
    linked_txn: list[LinkedTxn] | None = None


class Payment(Entity, rename="pascal"):
    """A payment."""

    customer_ref: Ref | None = None
    txn_date: str | None = None
    total_amt: Decimal | None = None
    unapplied_amt: Decimal | None = None
    currency_ref: Ref | None = None
    payment_ref_num: str | None = None
    payment_method_ref: Ref | None = None
    private_note: str | None = None
    line: list[PaymentLine] | None = None


class Account(Entity, rename="pascal"):
    """A ledger account."""

    name: str | None = None
    fully_qualified_name: str | None = None
    account_type: str | None = None
    account_sub_type: str | None = None
    active: bool | None = None
    currency_ref: Ref | None = None


class TaxCode(Entity, rename="pascal"):
    """A tax code."""

    name: str | None = None
    description: str | None = None
    active: bool | None = None
    hidden: bool | None = None
    taxable: bool | None = None


class Term(Entity, rename="pascal"):
    """Terms of payment."""

    name: str | None = None
    due_days: int | None = None
    active: bool | None = None


class Listed(Entity, rename="pascal"):
    """A row of a list that we only choose from: a class or a location."""

    name: str | None = None
    fully_qualified_name: str | None = None
    active: bool | None = None


class CompanyInfo(Entity, rename="pascal"):
    """The company; its Id is "1", never the realm."""

    company_name: str | None = None
    legal_name: str | None = None
    country: str | None = None
    default_time_zone: str | None = None
    email: Email | None = None


class SalesFormsPrefs(Struct, rename="pascal", gc=False):
    """Preferences of sales forms."""

    custom_txn_numbers: bool | None = None
    allow_discount: bool | None = None
    default_terms: Ref | None = None


class TaxPrefs(Struct, rename="pascal", gc=False):
    """Preferences of tax; `PartnerTaxEnabled` missing means no automated sales tax."""

    using_sales_tax: bool | None = None
    partner_tax_enabled: bool | None = None


class CurrencyPrefs(Struct, rename="pascal", gc=False):
    """Preferences of currencies."""

    multi_currency_enabled: bool | None = None
    home_currency: Ref | None = None


class AccountingPrefs(Struct, rename="pascal", gc=False):
    """Preferences of the books; `BookCloseDate` is missing where none is set."""

    book_close_date: str | None = None
    class_tracking_per_txn: bool | None = None
    class_tracking_per_txn_line: bool | None = None
    track_departments: bool | None = None


class Preferences(Entity, rename="pascal"):
    """A company's preferences."""

    sales_forms_prefs: SalesFormsPrefs | None = None
    tax_prefs: TaxPrefs | None = None
    currency_prefs: CurrencyPrefs | None = None
    accounting_info_prefs: AccountingPrefs | None = None
