from __future__ import annotations

from typing import ClassVar

from django.db import models

from integrations.models.connection import Connection


class Reason(models.TextChoices):
    """Why an object of QuickBooks is not (yet) a record here."""

    NO_EMAIL = "no_email", "No email address"
    INACTIVE = "inactive", "Inactive in QuickBooks"
    CUSTOMER_MISSING = "customer_missing", "Its customer is not synced"
    INVOICE_MISSING = "invoice_missing", "Its invoice is waiting"
    MATCH_UNCLEAR = "match_unclear", "Several possible matches"
    CREATE_UNDER_WAY = "create_under_way", "Maybe just made here"
    UNREADABLE = "unreadable", "Could not be read"
    NOT_WANTED = "not_wanted", "Set to not sync"


class SetAside(models.Model):
    """An object that was skipped or parked: the reason and its latest content.

    It follows edits and deletions there and comes in by itself when the reason is gone (R6).
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="set_aside")
    kind = models.CharField(max_length=10)
    external_id = models.CharField(max_length=40)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    #: A sentence for people where the reason alone does not say it all.
    detail = models.TextField(blank=True, default="")
    #: What people call the object: a display name, an invoice number.
    label = models.TextField(blank=True, default="")
    #: The external id this one waits for (an invoice's customer, a payment's invoice).
    waits_for = models.CharField(max_length=40, blank=True, default="")
    sync_token = models.BigIntegerField(default=0)
    remote_updated_at = models.DateTimeField(null=True)
    snapshot = models.TextField()
    since = models.DateTimeField()
    run = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "kind", "external_id"], name="set_aside_unique"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "kind", "waits_for"], name="set_aside_waiting"),
            models.Index(fields=["connection", "reason", "id"], name="set_aside_by_reason"),
            models.Index(fields=["-since", "-id"], name="set_aside_newest"),
            # An import's summary: page by page, and counted by reason from the index alone.
            models.Index(
                fields=["run", "id"], include=["connection", "reason"], name="set_aside_of_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}: {self.reason}"
