from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Origin(models.TextChoices):
    """Which side a record or a value came from."""

    CRM = "crm", "CRM"
    QUICKBOOKS = "quickbooks", "QuickBooks"


class RecordKind(models.TextChoices):
    """The four kinds of record that are kept in step."""

    CONTACT = "contact", "Contact"
    PRODUCT = "product", "Product"
    INVOICE = "invoice", "Invoice"
    PAYMENT = "payment", "Payment"


class FieldChange(models.Model):
    """One field of one record, from one value to another: who or what did it, and when (R22).

    Append-only. `run` is the number of the integration's run that wrote it, where one did.
    """

    kind = models.CharField(max_length=10, choices=RecordKind.choices)
    record_id = models.BigIntegerField()
    field = models.CharField(max_length=40)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    side = models.CharField(max_length=12, choices=Origin.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    run = models.BigIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "record_id", "-id"], name="change_of_record"),
            models.Index(fields=["run", "id"], name="change_of_run", condition=models.Q(run__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}: {self.field}"
