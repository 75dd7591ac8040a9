"""The CRM's tables."""

from __future__ import annotations

from contacts.models.business import Business
from contacts.models.consent import Consent, ConsentEvent, MarketingStatus
from contacts.models.contact import Contact
from contacts.models.history import FieldChange, Origin, RecordKind
from contacts.models.invoice import Invoice, InvoiceLine, InvoiceStatus
from contacts.models.mailing import Delivery, Mailing, MailSender
from contacts.models.payment import Allocation, Payment
from contacts.models.product import Product, ProductType
from contacts.models.sequence import Enrolment, Sequence, SequenceStep
from contacts.models.user import User

__all__ = [
    "Allocation",
    "Business",
    "Consent",
    "ConsentEvent",
    "Contact",
    "Delivery",
    "Enrolment",
    "FieldChange",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "MailSender",
    "Mailing",
    "MarketingStatus",
    "Origin",
    "Payment",
    "Product",
    "ProductType",
    "RecordKind",
    "Sequence",
    "SequenceStep",
    "User",
]
