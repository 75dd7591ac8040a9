from __future__ import annotations

from typing import ClassVar

from django.db import models

from integrations.models.connection import Connection


class Lease(models.Model):
    """The right to do one thing to a connection, held by one worker until a moment.

    Taken and kept by compare-and-set; `fence` grows with each new holder and is checked by every
    page commit, so that a holder whose lease ran out cannot write any more.
    """

    class Name(models.TextChoices):
        PULL = "pull", "Pull"
        TOKEN = "token", "Token refresh"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="leases")
    name = models.CharField(max_length=8, choices=Name.choices)
    owner = models.CharField(max_length=64, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name"], name="lease_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} lease of {self.connection_id}"


class RateGate(models.Model):
    """Intuit's limits (10 a second, 500 a minute for a company) as one row for all processes.

    Each column is the moment at which that limit's virtual queue is empty again.
    """

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="gate")
    second_free_at = models.DateTimeField()
    minute_free_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"rate gate of {self.connection_id}"
