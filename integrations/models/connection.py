from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from integrations.crypto import EncryptedTextField, Sealed, realm_hashes


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def live(self) -> ConnectionQuerySet:
        """The one that an admin has not disconnected; at most one exists."""
        return self.exclude(status=Connection.Status.DISCONNECTED)

    def working(self) -> ConnectionQuerySet:
        """Live, with usable tokens, not paused, and at home on this address (R21)."""
        return self.filter(
            status=Connection.Status.CONNECTED,
            paused_at=None,
            site_url=settings.SITE_URL,
            environment=settings.INTUIT_ENVIRONMENT,
        )

    def for_realm(self, realm: str) -> ConnectionQuerySet:
        return self.filter(realm_hash__in=realm_hashes(realm))


class Connection(models.Model):
    """One QuickBooks company (realm) that was connected once, with its tokens and its cursor.

    Kept after Disconnect, without tokens, so that the same company finds its links again (R21).
    Bound to the address and the Intuit environment it was made on: a copy elsewhere is paused.
    """

    class Status(models.TextChoices):
        CONNECTED = "connected", "Connected"
        RECONNECT_NEEDED = "reconnect_needed", "Reconnect needed"
        DISCONNECTED = "disconnected", "Disconnected"

    realm = EncryptedTextField()
    realm_hash = models.CharField(max_length=64, unique=True)
    environment = models.CharField(max_length=16)
    site_url = models.TextField()
    status = models.CharField(max_length=20, choices=Status.choices)
    #: A plain sentence for people: why reconnecting is needed.
    reconnect_reason = models.TextField(blank=True, default="")

    company_name = models.TextField()
    country = models.CharField(max_length=64, blank=True, default="")
    home_currency = models.CharField(max_length=3, blank=True, default="")
    time_zone = models.CharField(max_length=64, blank=True, default="")
    #: The other company settings, as `CompanyRecord` names them.
    company = models.JSONField(default=dict)

    #: R12: where sales of products made here are booked, and the item free-text lines go as.
    #: The income accounts there were when they were last read: `id`, `name` and `subtype` of each.
    income_accounts = models.JSONField(default=list)
    income_account_id = models.CharField(max_length=40, blank=True, default="")
    income_account_name = models.TextField(blank=True, default="")
    fallback_item_id = models.CharField(max_length=40, blank=True, default="")
    fallback_item_name = models.TextField(blank=True, default="")
    #: Class, location, terms and deposit account, by the codes of `integrations.assignments`: the
    #: lists as last read, and the id that was chosen from each.
    assignable = models.JSONField(default=dict)
    assigned = models.JSONField(default=dict)
    #: R17: the active tax code named exactly `Exempt`, outside the US; "" while there is none.
    exempt_code_id = models.CharField(max_length=40, blank=True, default="")

    access_token = EncryptedTextField(blank=True, default="")
    refresh_token = EncryptedTextField(blank=True, default="")
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    hard_expires_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    connected_at = models.DateTimeField()
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    disconnected_at = models.DateTimeField(null=True, blank=True)
    #: Intuit's disconnect page was opened for this company (R21); proves nothing by itself.
    disconnect_page_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)

    #: R14, one moment on two clocks: Intuit's, cut to the second, and our database's.
    invoices_since = models.DateTimeField()
    invoices_since_here = models.DateTimeField()

    #: Everything Intuit saw before this moment has been applied; None until the first import.
    cursor = models.DateTimeField(null=True, blank=True)
    #: How far a catch-up by query has come while the cursor waits for its end; None without one.
    catch_up = models.JSONField(null=True, blank=True)
    #: When the daily look for unsent records and new company settings began last.
    swept_at = models.DateTimeField(db_default=Now())
    #: Wake-ups asked for and served; a pull is due while they differ.
    wanted = models.BigIntegerField(default=0)
    served = models.BigIntegerField(default=0)
    back_off_until = models.DateTimeField(null=True, blank=True)

    last_pull_at = models.DateTimeField(null=True, blank=True)
    last_change_at = models.DateTimeField(null=True, blank=True)
    #: From Intuit's LastUpdatedTime to our commit, for the newest change (R4).
    last_delay = models.DurationField(null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            # One connected company at a time; the expression is the same for every live row.
            models.UniqueConstraint(
                models.ExpressionWrapper(
                    Q(status="disconnected"), output_field=models.BooleanField()
                ),
                condition=~Q(status="disconnected"),
                name="connection_one_live",
            ),
            # A disconnected company keeps no secret.
            models.CheckConstraint(
                condition=~Q(status="disconnected") | Q(access_token="", refresh_token=""),
                name="connection_disconnected_without_tokens",
            ),
        ]

    def __str__(self) -> str:
        return self.company_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.realm_hash:
            self.realm_hash = realm_hashes(self.realm)[0]
        super().save(*args, **kwargs)

    @property
    def sealed(self) -> bool:
        """Whether its secrets were stored under keys that this installation does not have."""
        return any(
            isinstance(secret, Sealed)
            for secret in (self.realm, self.access_token, self.refresh_token)
        )

    @property
    def at_home(self) -> bool:
        """Whether this is the address and environment the connection was made on (R21)."""
        return (self.site_url, self.environment) == (
            settings.SITE_URL,
            settings.INTUIT_ENVIRONMENT,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone; UTC where QuickBooks does not say."""
        return ZoneInfo(self.time_zone or "UTC")
