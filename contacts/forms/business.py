from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from contacts.models import Business

if TYPE_CHECKING:
    BusinessModelForm = forms.ModelForm[Business]
else:
    BusinessModelForm = forms.ModelForm  # only its stubs can be subscripted

_KEPT_WHEN_EMPTY = ("next_invoice_number", "payment_days", "mails_per_minute")
MAX_LOGO_BYTES = 512 * 1024
_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def logo_type(content: bytes) -> str:
    """The image type its first bytes tell, whatever its name says; empty for anything else."""
    return next(
        (kind for signature, kind in _SIGNATURES.items() if content.startswith(signature)), ""
    )


class BusinessForm(BusinessModelForm):
    """The identity on invoices and mails."""

    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Due dates and month ends go by this calendar."
    )
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$",
        label="Currency",
        help_text="Three letters, such as USD. The currency of new invoices and product prices.",
        error_messages={"invalid": "Write the currency as three letters, such as USD."},
    )
    new_logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG or JPEG, at most 512 kB. Shown on invoices.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    remove_logo = forms.BooleanField(label="Remove the logo", required=False)

    class Meta:
        model = Business
        fields: ClassVar[list[str]] = [
            "name",
            "address",
            "email",
            "phone",
            "tax_number",
            "how_to_pay",
            "time_zone",
            "currency",
            "invoice_prefix",
            "next_invoice_number",
            "payment_days",
            "mails_per_minute",
        ]
        labels: ClassVar[dict[str, str]] = {
            "tax_number": "Tax number",
            "how_to_pay": "How to pay",
            "email": "Email",
            "invoice_prefix": "Invoice numbers begin with",
            "next_invoice_number": "Next invoice number",
            "payment_days": "Days to pay",
            "mails_per_minute": "Mails a minute at most",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "email": "Answers to our mails go there.",
            "invoice_prefix": "Such as INV-. May be empty.",
            "next_invoice_number": "Drawn when an invoice is marked as sent; numbers in use are "
            "passed over.",
            "payment_days": "When new invoices are due, unless they say otherwise.",
            "mails_per_minute": "Of broadcasts and of the sequence. Your mail provider "
            "knows how many it takes.",
            "how_to_pay": "Bank details or other instructions, printed below every invoice.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "address": forms.Textarea(attrs={"rows": 4}),
            "how_to_pay": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone)
        self.fields["time_zone"].choices = [(zone, zone) for zone in ["UTC", *zones]]  # type: ignore[attr-defined]
        for name in _KEPT_WHEN_EMPTY:
            self.fields[name].required = False
        if not self.instance.logo:
            del self.fields["remove_logo"]

    def clean_next_invoice_number(self) -> int:
        return self._or_as_it_is("next_invoice_number")

    def clean_payment_days(self) -> int:
        return self._or_as_it_is("payment_days")

    def clean_mails_per_minute(self) -> int:
        return self._or_as_it_is("mails_per_minute")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_new_logo(self) -> bytes | None:
        file = self.cleaned_data["new_logo"]
        if file is None:
            return None
        if (file.size or 0) > MAX_LOGO_BYTES:
            raise forms.ValidationError("The logo is larger than 512 kB.")
        content: bytes = file.read()
        if not logo_type(content):
            raise forms.ValidationError("The logo must be a PNG or JPEG image.")
        return content

    def save(self, commit: bool = True) -> Business:
        content = self.cleaned_data["new_logo"]
        if content:
            self.instance.logo = content
            self.instance.logo_type = logo_type(content)
        elif self.cleaned_data.get("remove_logo"):
            self.instance.logo = None
            self.instance.logo_type = ""
        return super().save(commit)

    def _or_as_it_is(self, name: str) -> int:
        value: int | None = self.cleaned_data[name]
        return int(getattr(self.instance, name)) if value is None else value
