from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from contacts.models.contact import Contact
from contacts.models.mailing import Delivery, Mailing


class Sequence(models.Model):
    """The one automated sequence: what a contact gets once it has become marketable (R8)."""

    active = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="sequence_is_one_row"),
        ]

    def __str__(self) -> str:
        return "The sequence"

    @classmethod
    def current(cls) -> Sequence:
        """The one row, or an unsaved one that is off while nobody has switched it on."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class SequenceStep(models.Model):
    """One text of the sequence and how long after the one before it goes; the first one after
    the contact has become marketable. Steps go by delay and order of `position`."""

    mailing = models.OneToOneField(Mailing, on_delete=models.CASCADE, related_name="step")
    position = models.PositiveSmallIntegerField()
    delay = models.DurationField(default=timedelta(0))
    #: Taken out of the sequence: what it has sent stays to be seen.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["position"],
                condition=Q(removed_at=None),
                name="sequence_step_position",
            ),
            models.CheckConstraint(
                condition=Q(delay__gte=timedelta(0)), name="sequence_step_delay_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"Step {self.position}"


class Enrolment(models.Model):
    """An address on its way through the sequence. An address goes through it once."""

    class Outcome(models.TextChoices):
        UNDER_WAY = "under_way", "Under way"
        COMPLETED = "completed", "Completed"
        LEFT = "left", "Left out"

    address = models.TextField()
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="enrolments"
    )
    started_at = models.DateTimeField()
    #: From when the delay of the next step counts: the step before has gone then.
    since = models.DateTimeField()
    #: That of the step it waits for or got last; 0 before the first.
    position = models.PositiveSmallIntegerField(default=0)
    current = models.OneToOneField(
        Delivery, null=True, blank=True, on_delete=models.SET_NULL, related_name="enrolment"
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.UNDER_WAY)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("address"), name="enrolment_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], name="enrolment_under_way", condition=Q(outcome="under_way")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_outcome_display()}"
