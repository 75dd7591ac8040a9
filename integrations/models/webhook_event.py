from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from integrations.models.connection import Connection


class WebhookEvent(models.Model):
    """One notification of Intuit, stored once.

    Merged and deleted events are work of their own, applied by the next pull in its transaction;
    all others only wake a pull.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="events")
    dedupe_key = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    operation = models.CharField(max_length=20)
    external_id = models.CharField(max_length=40)
    deleted_id = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "dedupe_key"], name="event_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["connection", "id"],
                name="event_is_work",
                condition=Q(applied_at=None, operation__in=["merged", "deleted"]),
            ),
            models.Index(fields=["received_at"], name="event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id} {self.operation}"
