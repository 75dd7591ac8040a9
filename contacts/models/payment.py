from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from contacts.models.contact import Contact
from contacts.models.history import Origin
from contacts.models.invoice import Invoice


class Payment(models.Model):
    """Money received. amount = allocations + elsewhere + unapplied, all in `currency`.

    `elsewhere` was applied to something this CRM does not hold; with it the payment is read-only.
    A void payment keeps its amount and pays for nothing: it has no allocations.
    """

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="payments")
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.CRM)
    date = models.DateField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    currency = models.CharField(max_length=3)
    elsewhere = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    unapplied = models.DecimalField(max_digits=20, decimal_places=2, default=Decimal(0))
    method = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    voided_at = models.DateTimeField(null=True, blank=True)
    void_note = models.TextField(blank=True, default="")
    #: Drawn with the page it was entered on: the same page sent twice is one payment (R16).
    entered_as = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["contact", "-date", "-id"], name="payment_of_contact"),
            models.Index(fields=["-created_at", "-id"], name="payment_by_arrival"),
            # What came in lately is summed without reading the payments themselves.
            models.Index(
                fields=["date"],
                include=["currency", "amount"],
                name="payment_by_date",
                condition=Q(voided_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"Payment of {self.amount:,.2f} {self.currency}"

    def get_absolute_url(self) -> str:
        return reverse("payment", args=[self.pk])


class Allocation(models.Model):
    """The part of a payment that went to one invoice."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="allocation_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to invoice {self.invoice_id}"
