from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from contacts.models.contact import Contact


class MailingQuerySet(models.QuerySet["Mailing"]):
    def broadcasts(self) -> MailingQuerySet:
        return self.filter(kind=Mailing.Kind.BROADCAST)

    def with_recipients(self) -> MailingQuerySet:
        """Broadcasts and the steps that the sequence has now."""
        return self.filter(Q(kind=Mailing.Kind.BROADCAST) | Q(step__removed_at=None))

    def being_sent(self) -> MailingQuerySet:
        """Those whose deliveries may leave: steps of the sequence before long broadcasts."""
        return self.filter(status=Mailing.Status.SENDING).order_by("-kind", "id")


class Mailing(models.Model):
    """One text that goes to many addresses: a broadcast, or a step of the sequence (R8).

    Marketing mail, all of it: every delivery asks for consent at the moment of sending.
    """

    class Kind(models.TextChoices):
        BROADCAST = "broadcast", "Broadcast"
        STEP = "step", "Step of the sequence"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENDING = "sending", "Sending"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"
        DONE = "done", "Sent"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BROADCAST)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    subject = models.TextField()
    #: As it was written: Markdown with merge fields.
    body = models.TextField()
    #: Who gets it: the contact list's own filters, as its address holds them; "" is everybody.
    audience = models.TextField(blank=True, default="")
    #: Who of the audience was left out at the snapshot, `{reason: number}`.
    passed_over = models.JSONField(default=dict, blank=True)
    #: Drawn with the form it was written on: sent twice, it is one mailing. Part of Message-IDs.
    entered_as = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="draft", started_at=None)
                | (~Q(status="draft") & Q(started_at__isnull=False)),
                name="mailing_started_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["stopped", "done"], ended_at__isnull=False)
                | (~Q(status__in=["stopped", "done"]) & Q(ended_at=None)),
                name="mailing_ended_when_over",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="mailing_by_arrival"),
            models.Index(fields=["status"], name="mailing_under_way", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        """A step is seen among the others."""
        if self.kind == Mailing.Kind.STEP:
            return reverse("sequence")
        return reverse("broadcast", args=[self.pk])


class Delivery(models.Model):
    """One mailing to one address.

    `handed over` is committed just before the mail server gets the message's text. Until then a
    worker may die and the message goes once, later; whoever dies afterwards, before the answer is
    stored, leaves it *uncertain*: never repeated by itself.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        HANDED_OVER = "handed_over", "Handed over"
        SENT = "sent", "Sent"
        LEFT_OUT = "left_out", "Left out"
        FAILED = "failed", "Failed"
        UNCERTAIN = "uncertain", "Uncertain"

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="deliveries")
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    #: As the contact had it at the snapshot: that is the address which agreed.
    address = models.TextField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    #: Why it was left out or failed, or what it waits for: a sentence for people.
    reason = models.TextField(blank=True, default="")
    due_at = models.DateTimeField()
    #: How often the mail server put it off.
    put_off = models.PositiveSmallIntegerField(default=0)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            # Nobody gets one text twice, in whatever letters the address is written.
            models.UniqueConstraint("mailing", Lower("address"), name="delivery_once"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "handed_over"], settled_at=None)
                | (~Q(status__in=["waiting", "handed_over"]) & Q(settled_at__isnull=False)),
                name="delivery_settled_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["handed_over", "sent", "uncertain"])
                | Q(handed_over_at__isnull=False),
                name="delivery_handed_over_before_sent",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["mailing", "due_at", "id"],
                name="delivery_next",
                condition=Q(status="waiting"),
            ),
            models.Index(
                fields=["id"], name="delivery_unanswered", condition=Q(status="handed_over")
            ),
            models.Index(fields=["mailing", "status"], name="delivery_counts"),
            models.Index("mailing", Lower("address"), "id", name="delivery_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_status_display()}"


class MailSender(models.Model):
    """Who sends the mailings now, how fast, and what the mail server last refused. One row.

    One sender at a time: one connection to the mail server, one pace for all. It is held by
    compare-and-set until a moment on the database's clock, so a dead holder needs no help.
    """

    owner = models.CharField(max_length=32, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    #: When the pace lets the next message go.
    free_at = models.DateTimeField(null=True, blank=True)
    #: The mail server is left alone until then, after so many refusals in a row.
    back_off_until = models.DateTimeField(null=True, blank=True)
    refusals = models.PositiveIntegerField(default=0)
    #: What is wrong with the mail server: a sentence for people; "" while it works.
    trouble = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="mail_sender_is_one_row"),
        ]

    def __str__(self) -> str:
        return "The sender of mailings"
