from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Business(models.Model):
    """Who we are, as invoices and mails show it. One row: an installation serves one business."""

    name = models.CharField(max_length=255, blank=True)
    address = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=64, blank=True)
    tax_number = models.CharField(max_length=64, blank=True)
    how_to_pay = models.TextField(blank=True)
    logo = models.BinaryField(null=True, blank=True, editable=True)
    logo_type = models.CharField(max_length=32, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="USD")
    invoice_prefix = models.CharField(max_length=12, default="INV-", blank=True)
    next_invoice_number = models.PositiveIntegerField(
        default=1001, validators=[MinValueValidator(1), MaxValueValidator(999_999_999)]
    )
    #: Days that a customer has to pay a new invoice, unless it says otherwise.
    payment_days = models.PositiveSmallIntegerField(default=30, validators=[MaxValueValidator(999)])

    #: How many messages of broadcasts and of the sequence leave in a minute at most.
    mails_per_minute = models.PositiveIntegerField(
        default=120, validators=[MinValueValidator(1), MaxValueValidator(60_000)]
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="business_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.name or "This business"

    @classmethod
    def current(cls) -> Business:
        """The one row, or an unsaved one with the defaults while nobody has filled it in."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
