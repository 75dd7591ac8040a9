from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class MarketingStatus(models.TextChoices):
    """Whether broadcasts and sequences may reach an address (R8)."""

    NON_MARKETABLE = "non_marketable", "Non-marketable"
    WAITING = "waiting", "Waiting for confirmation"
    MARKETABLE = "marketable", "Marketable"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"


class Consent(models.Model):
    """What the holder of an address agreed to (R8).

    It belongs to the address and not to a contact, so it outlives every contact; an address
    without a row is non-marketable. `Contact.marketing_status` repeats it for the lists. Written
    by `contacts.services.consent` alone.
    """

    #: In lower case: addresses compare case-insensitively.
    address = models.TextField(unique=True)
    status = models.CharField(
        max_length=16, choices=MarketingStatus.choices, default=MarketingStatus.NON_MARKETABLE
    )
    since = models.DateTimeField(default=timezone.now)
    #: What the links of confirmation emails carry; one that carries another value is dead.
    request = models.UUIDField(null=True, blank=True, editable=False)
    #: A confirmation email waits to be sent since then.
    confirmation_wanted_at = models.DateTimeField(null=True, blank=True)
    #: When the last one left: the next may a day later.
    confirmation_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(address=Lower("address")) & ~Q(address=""),
                name="consent_address_in_lower_case",
            ),
            models.CheckConstraint(
                condition=Q(confirmation_wanted_at=None) | Q(request__isnull=False),
                name="consent_asked_for_with_a_link",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["confirmation_wanted_at", "id"],
                name="consent_to_ask_for",
                condition=Q(confirmation_wanted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_status_display()}"


class ConsentEvent(models.Model):
    """One entry of the consent history of an address: what happened, when, by whom or what (R8).

    Append-only: the database refuses to change or remove one.
    """

    class What(models.TextChoices):
        OPTED_IN = "opted_in", "Opted in by hand"
        REQUESTED = "requested", "Confirmation email requested"
        SENT = "sent", "Confirmation email sent"
        NOT_SENT = "not_sent", "Confirmation email not sent"
        CONFIRMED = "confirmed", "Confirmed"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        ASKED_BACK = "asked_back", "Asked to come back"
        LEFT = "left", "Address left"
        CARRIED = "carried", "Stays unsubscribed"
        RECOGNISED = "recognised", "Known as unsubscribed"

    address = models.TextField()
    what = models.CharField(max_length=12, choices=What.choices)
    old = models.CharField(max_length=16, choices=MarketingStatus.choices)
    new = models.CharField(max_length=16, choices=MarketingStatus.choices)
    at = models.DateTimeField()
    #: The contact that had or got the address then. A number: it may be gone, the entry stays.
    contact_id = models.BigIntegerField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    #: The page, link, broadcast or company it came through.
    source = models.TextField(blank=True, default="")
    run = models.BigIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    #: From where the browser came that pressed a public page's button.
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["contact_id", "-id"], name="consent_event_of_contact"),
            models.Index(fields=["address", "-id"], name="consent_event_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_what_display()}"
