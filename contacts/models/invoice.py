from __future__ import annotations

import datetime
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from contacts.models.contact import Contact
from contacts.models.history import Origin
from contacts.models.product import Product
from contacts.models.search import words_of


class InvoiceStatus(models.TextChoices):
    """Derived from dates and balance, never typed."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    PARTIAL = "partial", "Partly paid"
    OVERDUE = "overdue", "Overdue"
    PAID = "paid", "Paid"
    VOID = "void", "Void"


#: Issued, not void, with something left to pay.
OWED = Q(balance__gt=0, voided_at=None, sent_at__isnull=False)


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def with_status(self, status: str, today: datetime.date) -> InvoiceQuerySet:
        """Those that `Invoice.status(today)` would call `status`, in terms of indexed columns."""
        issued = Q(voided_at=None, sent_at__isnull=False)
        overdue = Q(balance__gt=0, due_date__lt=today)
        wanted = {
            InvoiceStatus.DRAFT: Q(voided_at=None, sent_at=None),
            InvoiceStatus.VOID: Q(voided_at__isnull=False),
            InvoiceStatus.PAID: issued & Q(balance__lte=0),
            InvoiceStatus.OVERDUE: issued & overdue,
            InvoiceStatus.PARTIAL: issued
            & Q(balance__gt=0, balance__lt=models.F("total"))
            & ~Q(due_date__lt=today),
            InvoiceStatus.OPEN: issued
            & Q(balance__gt=0, balance__gte=models.F("total"))
            & ~Q(due_date__lt=today),
        }
        return self.filter(wanted[InvoiceStatus(status)])

    def owed(self) -> InvoiceQuerySet:
        """Issued, not void, with something left to pay."""
        return self.filter(OWED)


class Invoice(models.Model):
    """What a contact owes for. Amounts are in `currency`: total = subtotal - discount + tax.

    `discount` is always an amount; `discount_percent` tells the share of the subtotal that it was
    reckoned from, where it was. A number is drawn when the invoice is sent; a draft has none.
    `credited` is what lowered the balance besides payments (a credit on the other side).
    `locked_reason` says why its lines are read-only here; empty means they are not.
    """

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="invoices")
    number = models.TextField(blank=True, default="")
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.CRM)
    issue_date = models.DateField()
    due_date = models.DateField(null=True, blank=True)
    terms = models.TextField(blank=True, default="")
    currency = models.CharField(max_length=3)
    subtotal = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    discount = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    discount_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    tax = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    total = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    balance = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    credited = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    memo = models.TextField(blank=True, default="")
    private_note = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)
    #: When its contact was last reminded that it is not paid.
    reminded_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_note = models.TextField(blank=True, default="")
    locked_reason = models.TextField(blank=True, default="")
    #: Drawn with the page it was written on: the same page sent twice is one invoice (R16).
    entered_as = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    words = words_of("number", "memo")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # Our own numbers are given out once; QuickBooks may hold the same number twice.
            models.UniqueConstraint(
                fields=["number"],
                name="invoice_number_unique",
                condition=Q(origin=Origin.CRM) & ~Q(number=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-issue_date", "-id"], name="invoice_by_date"),
            models.Index(fields=["number", "id"], name="invoice_by_number"),
            models.Index(fields=["-total", "-id"], name="invoice_by_total"),
            models.Index(fields=["due_date", "id"], name="invoice_by_due"),
            models.Index(fields=["-created_at", "-id"], name="invoice_by_arrival"),
            models.Index(fields=["contact", "-issue_date", "-id"], name="invoice_of_contact"),
            models.Index(fields=["-balance", "-id"], name="invoice_by_balance"),
            models.Index(fields=["currency", "-issue_date", "-id"], name="invoice_by_currency"),
            # What is rare among many: summed, counted and listed without reading the rest.
            models.Index(
                fields=["contact"],
                include=["currency", "due_date", "balance", "total"],
                name="invoice_owed",
                condition=OWED,
            ),
            GinIndex(fields=["words"], name="invoice_owed_words", condition=OWED),
            models.Index(
                fields=["-issue_date", "-id"],
                name="invoice_draft",
                condition=Q(sent_at=None, voided_at=None),
            ),
            models.Index(
                fields=["-issue_date", "-id"],
                name="invoice_void",
                condition=Q(voided_at__isnull=False),
            ),
            GinIndex(fields=["words"], name="invoice_words"),
        ]

    def __str__(self) -> str:
        if self.number:
            return f"Invoice {self.number}"
        kind = "Invoice without number" if self.sent_at else "Draft"
        return f"{kind} ({self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("invoice", args=[self.pk])

    def status(self, today: datetime.date) -> InvoiceStatus:
        """The status on `today`, a date in the company's time zone."""
        if self.voided_at:
            return InvoiceStatus.VOID
        if not self.sent_at:
            return InvoiceStatus.DRAFT
        if self.balance <= 0:
            return InvoiceStatus.PAID
        if self.due_date and self.due_date < today:
            return InvoiceStatus.OVERDUE
        return InvoiceStatus.PARTIAL if self.balance < self.total else InvoiceStatus.OPEN


class InvoiceLine(models.Model):
    """One line. `quantity`, `unit_price` and `amount` are None on lines that are only text."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT)
    product_name = models.TextField(blank=True, default="")
    bundle_name = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    quantity = models.DecimalField(max_digits=20, decimal_places=7, null=True, blank=True)
    unit_price = models.DecimalField(max_digits=20, decimal_places=7, null=True, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=5, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["invoice", "position"], name="line_position_unique"),
        ]

    def __str__(self) -> str:
        return self.description or self.product_name
