from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from contacts.models.history import Origin
from contacts.models.search import words_of


class ProductType(models.TextChoices):
    """QuickBooks' own types; a bundle is read-only here (R11)."""

    SERVICE = "service", "Service"
    NON_INVENTORY = "noninventory", "Non-inventory"
    INVENTORY = "inventory", "Inventory"
    BUNDLE = "bundle", "Bundle"


class Product(models.Model):
    """Something the business sells. `unit_price` is in the home currency, None where unknown."""

    name = models.TextField()
    full_name = models.TextField(blank=True, default="")
    sku = models.TextField("SKU", blank=True, default="")
    description = models.TextField(blank=True, default="")
    unit_price = models.DecimalField(max_digits=20, decimal_places=7, null=True, blank=True)
    type = models.CharField(max_length=12, choices=ProductType.choices, default=ProductType.SERVICE)
    taxable = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.CRM)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    words = words_of("full_name", "name", "sku", "description")

    #: What a synchronisation keeps equal on both sides (R11).
    SYNCED_FIELDS: ClassVar[tuple[str, ...]] = (
        "name",
        "full_name",
        "sku",
        "description",
        "unit_price",
        "type",
        "taxable",
        "active",
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(Lower("name"), "id", name="product_by_name"),
            models.Index(Lower("full_name"), name="product_by_full_name"),
            models.Index(Lower("sku"), name="product_by_sku", condition=~models.Q(sku="")),
            models.Index(fields=["-created_at", "-id"], name="product_by_arrival"),
            GinIndex(fields=["words"], name="product_words"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.name

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.pk])
