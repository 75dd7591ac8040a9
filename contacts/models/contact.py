from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Trim
from django.urls import reverse

from contacts.models.consent import MarketingStatus
from contacts.models.history import Origin
from contacts.models.search import words_of

#: Brought in by an import, and nobody has asked yet whether they want our mail (R8).
IMPORTED_UNASKED = models.Q(
    origin=Origin.QUICKBOOKS, marketing_status=MarketingStatus.NON_MARKETABLE, archived_at=None
) & ~models.Q(email="")


def _shown_name() -> Coalesce:
    """First, middle and family name with single blanks, else the company, else the address."""
    person = models.Func(
        Concat(
            "first_name",
            models.Value(" "),
            "middle_name",
            models.Value(" "),
            "last_name",
            output_field=models.TextField(),
        ),
        models.Value(r"\s+"),
        models.Value(" "),
        models.Value("g"),
        function="regexp_replace",
        output_field=models.TextField(),
    )
    return Coalesce(
        NullIf(Trim(person), models.Value("")),
        NullIf("company", models.Value("")),
        models.F("email"),
        output_field=models.TextField(),
    )


class Contact(models.Model):
    """A person or company the business deals with.

    Text columns have no length limit: a sync never cuts what the other side holds; the forms
    enforce QuickBooks' limits instead.
    """

    first_name = models.TextField(blank=True, default="")
    middle_name = models.TextField(blank=True, default="")
    last_name = models.TextField(blank=True, default="")
    company = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    line1 = models.TextField(blank=True, default="")
    line2 = models.TextField(blank=True, default="")
    line3 = models.TextField(blank=True, default="")
    line4 = models.TextField(blank=True, default="")
    line5 = models.TextField(blank=True, default="")
    city = models.TextField(blank=True, default="")
    region = models.TextField(blank=True, default="")
    postal_code = models.TextField(blank=True, default="")
    country = models.TextField(blank=True, default="")
    #: Always that of the consent of `email`; kept here for lists and filters.
    marketing_status = models.CharField(
        max_length=16, choices=MarketingStatus.choices, default=MarketingStatus.NON_MARKETABLE
    )
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.CRM)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    name = models.GeneratedField(
        expression=_shown_name(), output_field=models.TextField(), db_persist=True
    )
    words = words_of("first_name", "middle_name", "last_name", "company", "email", "phone", "city")

    ADDRESS_FIELDS: ClassVar[tuple[str, ...]] = (
        "line1",
        "line2",
        "line3",
        "line4",
        "line5",
        "city",
        "region",
        "postal_code",
        "country",
    )
    #: What a synchronisation keeps equal on both sides (R7).
    SYNCED_FIELDS: ClassVar[tuple[str, ...]] = (
        "first_name",
        "middle_name",
        "last_name",
        "company",
        "email",
        "phone",
        *ADDRESS_FIELDS,
    )

    class Meta:
        constraints: ClassVar = [
            # Emails compare case-insensitively and name one contact (R5); none is no address.
            models.UniqueConstraint(
                Lower("email"), name="contact_email_unique", condition=~models.Q(email="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(Lower("name"), "id", name="contact_by_name"),
            models.Index(Lower("email"), "id", name="contact_by_email"),
            models.Index(Lower("company"), "id", name="contact_by_company"),
            models.Index(fields=["-created_at", "-id"], name="contact_by_arrival"),
            GinIndex(fields=["words"], name="contact_words"),
            models.Index(
                fields=["-created_at", "-id"],
                name="contact_imported_unasked",
                condition=IMPORTED_UNASKED,
            ),
        ]

    def __str__(self) -> str:
        return str(self.name or "Unnamed contact")

    def get_absolute_url(self) -> str:
        return reverse("contact", args=[self.pk])

    def address_lines(self) -> list[str]:
        """The billing address as it stands on an envelope, without empty lines."""
        place = " ".join(part for part in (self.region, self.postal_code) if part)
        town = ", ".join(part for part in (self.city, place) if part)
        lines = [self.line1, self.line2, self.line3, self.line4, self.line5, town, self.country]
        return [line for line in lines if line]


# `email__lower` in queries: emails compare case-insensitively, on the index above.
models.TextField.register_lookup(Lower)
