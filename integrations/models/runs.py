from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from integrations.models.connection import Connection


class RunQuerySet(models.QuerySet["Run"]):
    def imports(self) -> RunQuerySet:
        """Those that read whole lists: imports and resets."""
        return self.filter(kind__in=[Run.Kind.IMPORT, Run.Kind.RESET])

    def importing(self) -> RunQuerySet:
        """The imports and resets under way: at most one for each connection."""
        return self.imports().filter(status=Run.Status.RUNNING)


class Run(models.Model):
    """One piece of work with the connection, as Activity shows it (R24)."""

    class Kind(models.TextChoices):
        IMPORT = "import", "Import"
        RESET = "reset", "Reset"
        PULL = "pull", "Changes from QuickBooks"
        PUSH = "push", "Changes to QuickBooks"
        IDLE = "idle", "Nothing new"

    class Trigger(models.TextChoices):
        PERSON = "person", "A person"
        WEBHOOK = "webhook", "QuickBooks' notification"
        POLL = "poll", "Poll"
        CONNECT = "connect", "Connecting"
        EDIT = "edit", "An edit here"

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    #: Intuit's clock at an import's first answer: where its cursor will stand.
    read_from = models.DateTimeField(null=True, blank=True)
    #: Idle polls are folded into one line: how many it stands for.
    repeats = models.PositiveIntegerField(default=1)
    api_calls = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    #: A plain sentence: what went wrong, or what was waited for.
    message = models.TextField(blank=True, default="")

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=Q(status="running", kind__in=["import", "reset"]),
                name="run_one_import_at_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["connection", "-started_at", "-id"], name="run_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class ImportProgress(models.Model):
    """How far an import has come with one kind, saved with every page (R3)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="progress")
    kind = models.CharField(max_length=10)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    #: 1-based, Intuit's STARTPOSITION of the next page.
    next_position = models.PositiveIntegerField(default=1)
    #: How often the list was read again because rows moved while it was read.
    rereads = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "kind"], name="progress_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.done} of {self.total}"


class ImportSeen(models.Model):
    """The distinct ids an import has read: rows move between pages while one pages (facts 5.9)."""

    progress = models.ForeignKey(ImportProgress, on_delete=models.CASCADE, related_name="seen")
    external_id = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["progress", "external_id"], name="seen_unique"),
        ]

    def __str__(self) -> str:
        return self.external_id
