from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from integrations.models.connection import Connection


class Cause(models.TextChoices):
    """What wants a person; wording and buttons are in `integrations.attention`."""

    RECONNECT = "reconnect", "Reconnect needed"
    LOST_RIGHTS = "lost_rights", "QuickBooks refuses this connection"
    MERGE_CONTACTS = "merge_contacts", "Two contacts, one address"
    PRODUCT_MATCH = "product_match", "Which product is it?"
    IMPORT_FAILED = "import_failed", "The import stopped"
    PUSH_HELD = "push_held", "Not sent to QuickBooks"
    NOT_TAKEN = "not_taken", "QuickBooks kept another value"
    OTHER_TOTAL = "other_total", "QuickBooks counts another total"
    COPIED_DATABASE = "copied_database", "This is a copy"


class Attention(models.Model):
    """One item of *Needs attention* (R23): many records with one cause are one item.

    `key` tells items of one cause apart; an open item is unique by cause and key, and closes
    itself when its cause is gone.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="attention")
    cause = models.CharField(max_length=20, choices=Cause.choices)
    key = models.CharField(max_length=80, blank=True, default="")
    #: What the sentence and the buttons need: ids and names, never secrets.
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "cause", "key"],
                condition=Q(closed_at=None),
                name="attention_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.key}".strip()
