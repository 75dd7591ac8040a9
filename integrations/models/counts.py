from __future__ import annotations

import datetime
from typing import ClassVar

from django.db import connection as database
from django.db import models


class DailyCount(models.Model):
    """How often something happened on a day (UTC): API reads and writes, refused deliveries."""

    class Name(models.TextChoices):
        READS = "reads", "Reads from QuickBooks"
        WRITES = "writes", "Writes to QuickBooks"
        BAD_SIGNATURES = "bad_signatures", "Webhooks with a wrong signature"

    day = models.DateField()
    name = models.CharField(max_length=20, choices=Name.choices)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "name"], name="daily_count_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}: {self.count}"

    @staticmethod
    def today() -> datetime.date:
        """The day that counts at this moment: UTC's, as Intuit meters."""
        return datetime.datetime.now(datetime.UTC).date()

    @classmethod
    def add(cls, name: DailyCount.Name, number: int = 1) -> None:
        """Count `number` more today, in one statement."""
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO integrations_dailycount (day, name, count) VALUES (%s, %s, %s)"
                " ON CONFLICT (day, name) DO UPDATE"
                " SET count = integrations_dailycount.count + excluded.count",
                [cls.today(), name, number],
            )
