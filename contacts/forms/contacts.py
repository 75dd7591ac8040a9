from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import EmailValidator
from django.urls import reverse
from django.utils.html import format_html

from contacts.forms.changes import ChangesForm, OneLine
from contacts.services.contacts import EmailTakenError

#: QuickBooks holds this many characters of address lines together.
ADDRESS_LINES_TOGETHER = 2000

NAME = 100
EMAIL = 100
PHONE = 30
ADDRESS_LINE = 500
PLACE = 255
POSTAL_CODE = 30


class Email(OneLine):
    """One address with an at sign and a dot, as QuickBooks accepts it."""

    widget = forms.EmailInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(
            EmailValidator(
                message="This is not an email address. It should look like name@example.com.",
                allowlist=[],
            )
        )


class ContactForm(ChangesForm):
    """A contact's synced fields (R7) within QuickBooks' limits."""

    first_name = OneLine(label="First name", longest=NAME)
    middle_name = OneLine(label="Middle name", longest=NAME)
    last_name = OneLine(label="Last name", longest=NAME)
    company = OneLine(label="Company", longest=NAME)
    email = Email(
        label="Email",
        longest=EMAIL,
        help_text="A contact without an address is not sent to QuickBooks.",
    )
    phone = OneLine(label="Phone", longest=PHONE)
    line1 = OneLine(label="Address line 1", longest=ADDRESS_LINE)
    line2 = OneLine(label="Address line 2", longest=ADDRESS_LINE)
    line3 = OneLine(label="Address line 3", longest=ADDRESS_LINE)
    line4 = OneLine(label="Address line 4", longest=ADDRESS_LINE)
    line5 = OneLine(label="Address line 5", longest=ADDRESS_LINE)
    city = OneLine(label="City", longest=PLACE)
    region = OneLine(label="State or region", longest=PLACE)
    postal_code = OneLine(label="Postal code", longest=POSTAL_CODE)
    country = OneLine(label="Country", longest=PLACE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.template_name = "records/field.html"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        named = any(self._after(name) for name in ("first_name", "last_name", "company", "email"))
        if not named and not self.errors and (self.record is None or self.changed_data):
            self.add_error(None, "Enter a name, a company or an email address.")
        lines = [f"line{number}" for number in range(1, 6)]
        together = sum(len(self._after(line)) for line in lines)
        if together > ADDRESS_LINES_TOGETHER and set(lines) & set(self.changed_data):
            self.add_error(
                "line1",
                f"The address lines can have at most {ADDRESS_LINES_TOGETHER:,} characters "
                f"together in QuickBooks; these have {together:,}.",
            )
        return cleaned

    def refuse_taken(self, error: EmailTakenError) -> None:
        """Say whose address it is, with a way to that contact and to merging the two."""
        holder = error.holder
        page = reverse("contact", args=[holder.pk])
        if self.record is None:
            sentence = format_html(
                'This address belongs to <a href="{}">{}</a> already.', page, holder
            )
        else:
            merge = reverse("contact_merge", args=[self.record.pk])
            sentence = format_html(
                'This address belongs to <a href="{}">{}</a> already. '
                'If both are the same person, <a href="{}?other={}">merge them</a>.',
                page,
                holder,
                merge,
                holder.pk,
            )
        self.add_error("email", sentence)

    def _after(self, name: str) -> str:
        """What the contact would hold in that field once this form was saved."""
        value = self.cleaned_data.get(name, "")
        if self.record is not None and name not in self.changed_data:
            value = getattr(self.record, name)
        return str(value)
