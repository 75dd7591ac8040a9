"""The CRM's tables."""

from __future__ import annotations

from contacts.models.business import Business
from contacts.models.contact import Contact, MarketingStatus
from contacts.models.history import FieldChange, Origin, RecordKind
from contacts.models.invoice import Invoice, InvoiceLine, InvoiceStatus
from contacts.models.payment import Allocation, Payment
from contacts.models.product import Product, ProductType
from contacts.models.user import User

__all__ = [
    "Allocation",
    "Business",
    "Contact",
    "FieldChange",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "MarketingStatus",
    "Origin",
    "Payment",
    "Product",
    "ProductType",
    "RecordKind",
    "User",
]
