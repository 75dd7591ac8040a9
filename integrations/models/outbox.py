from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from contacts.models import RecordKind
from integrations.models.connection import Connection


class OutboxEntry(models.Model):
    """A record of the CRM that QuickBooks does not have yet as it is here.

    One entry waits per record, and edits coalesce in it; an edit made while one is in flight
    waits as a second row. What to send is worked out when it is claimed, from what the record is
    by then; from the first sending on, path, body and request id are kept, so that a repetition
    sends exactly those bytes (facts 2.4).
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        IN_FLIGHT = "in_flight", "In flight"
        HELD = "held", "Held"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="outbox")
    kind = models.CharField(max_length=10, choices=RecordKind.choices)
    record_id = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    #: Not to be touched before this moment: back-off, or waiting for another entry.
    not_before = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)

    #: Who has it in flight, and until when before somebody else may repeat it.
    owner = models.CharField(max_length=32, blank=True, default="")
    claimed_until = models.DateTimeField(null=True, blank=True)

    #: The write as first sent; a new one is a new generation with a new request id.
    request_id = models.CharField(max_length=36, blank=True, default="")
    path = models.CharField(max_length=40, blank=True, default="")
    body = models.BinaryField(default=b"")
    first_sent_at = models.DateTimeField(null=True, blank=True)

    #: Why it is held: a code of `integrations.pushing.held`, and what its sentence needs.
    held_cause = models.CharField(max_length=20, blank=True, default="")
    held_facts = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "kind", "record_id"],
                condition=~Q(state="in_flight"),
                name="outbox_one_waits",
            ),
            models.UniqueConstraint(
                fields=["connection", "kind", "record_id"],
                condition=Q(state="in_flight"),
                name="outbox_one_flies",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "state", "not_before"], name="outbox_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} ({self.state})"
