from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from contacts.models import Contact, Invoice, Payment, Product
from integrations.models.connection import Connection


class Link(models.Model):
    """This record here is that object there: what both sides last agreed on.

    `snapshot` is the object's exact JSON text as QuickBooks last sent it: the base of every
    merge, and the source of the lines an update sends back. `sync_token` is a number here because
    its order decides which of two answers is newer.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=40)
    sync_token = models.BigIntegerField()
    remote_created_at = models.DateTimeField(null=True)
    remote_updated_at = models.DateTimeField()
    snapshot = models.TextField()
    linked_at = models.DateTimeField(db_default=Now())
    in_step_since = models.DateTimeField()
    #: No more updates in either direction (R19); the record stays.
    frozen_at = models.DateTimeField(null=True, blank=True)
    #: Deleted there, or merged away.
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.external_id}"


def _once_per_company(name: str) -> models.UniqueConstraint:
    """Each external id links to one record."""
    return models.UniqueConstraint(fields=["connection", "external_id"], name=f"{name}_unique")


def _fields_apart() -> ArrayField[list[str], list[str]]:
    """Fields that have no common base: the sides may differ there without anything to send.

    At the first link QuickBooks' empty values leave ours in place (R7); an address that belongs
    to another contact waits for a person (R5).
    """
    return ArrayField(models.CharField(max_length=20), default=list, blank=True)


class CustomerLink(Link):
    """A contact may be several customers; its main one gives and receives its fields (R5)."""

    apart = _fields_apart()

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="customer_links")
    is_main = models.BooleanField(default=False)
    display_name = models.TextField(blank=True, default="")
    active = models.BooleanField(default=True)
    top_level = models.BooleanField(default=True)
    #: The customer has no address any more: nothing flows until one appears (R6).
    without_email = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            _once_per_company("customer_link"),
            models.UniqueConstraint(
                fields=["connection", "contact"],
                condition=Q(is_main=True),
                name="customer_link_one_main",
            ),
        ]


class ItemLink(Link):
    apart = _fields_apart()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="item_links")

    class Meta:
        constraints: ClassVar = [
            _once_per_company("item_link"),
            models.UniqueConstraint(
                fields=["connection", "product"], name="item_link_one_per_product"
            ),
        ]


class InvoiceLink(Link):
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="invoice_links")
    customer_id = models.CharField(max_length=40)
    doc_number = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            _once_per_company("invoice_link"),
            models.UniqueConstraint(
                fields=["connection", "invoice"], name="invoice_link_one_per_invoice"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "customer_id"], name="invoice_link_by_customer"),
        ]


class PaymentLink(Link):
    """A CRM payment over invoices of several customers is one payment each over there (R18)."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="payment_links")
    customer_id = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [_once_per_company("payment_link")]
        indexes: ClassVar = [
            models.Index(fields=["connection", "customer_id"], name="payment_link_by_customer"),
        ]
