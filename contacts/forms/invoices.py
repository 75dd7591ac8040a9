from __future__ import annotations

import datetime
import re
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.urls import reverse_lazy

from contacts.display.dates import short_date
from contacts.forms.changes import ChangesForm, ManyLines, OneLine
from contacts.forms.choosing import text_of_contact
from contacts.forms.figures import Figure, plain
from contacts.models import Invoice
from contacts.record_states import books_closed_until

TERMS = 31
MEMO = 1000
#: QuickBooks holds 4,000 characters, the word that a void puts before them included.
PRIVATE_NOTE = 3900
HIGHEST_DISCOUNT = Decimal("9999999999.99")

AMOUNT, PERCENT = "amount", "percent"
#: Where the terms tell the days, an empty due date follows from them.
_DAYS = re.compile(r"\bnet\s*(\d{1,3})\b", re.IGNORECASE)
_AT_ONCE = re.compile(r"\b(due )?on receipt\b", re.IGNORECASE)
USUAL_TERMS = ("Due on receipt", "Net 7", "Net 14", "Net 15", "Net 30", "Net 60")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Day(forms.DateField):
    """A calendar day, as a browser's own date field sends it."""

    def __init__(self, *, label: str, required: bool = True, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            required=required,
            widget=DayInput(),
            input_formats=["%Y-%m-%d"],
            error_messages={
                "invalid": "Enter a date such as 2026-11-23.",
                "required": f"{label} cannot be empty.",
            },
            **kwargs,
        )


class BookedDay(Day):
    """The day that a record counts for; says which books are closed already (R15)."""

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        bound = super().get_bound_field(form, field_name)
        if closed := books_closed_until():
            bound.help_text = (
                f"The books in QuickBooks are closed up to {short_date(closed)}: "
                "with a date until then it stays here."
            )
        return bound


class _Opened:
    """An invoice with an attribute for every field of the form."""

    def __init__(self, invoice: Invoice) -> None:
        percent = invoice.discount_percent
        self.pk = invoice.pk
        self.contact = text_of_contact(invoice.contact)
        self.issue_date = invoice.issue_date
        self.due_date = invoice.due_date
        self.terms = invoice.terms
        self.currency = invoice.currency
        self.discount_kind = AMOUNT if percent is None else PERCENT
        self.discount_value = (
            plain(percent)
            if percent is not None
            else plain(invoice.discount, 2)
            if invoice.discount
            else ""
        )
        self.memo = invoice.memo
        self.private_note = invoice.private_note
        self.entered_as = invoice.entered_as


class InvoiceForm(ChangesForm):
    """An invoice without its lines, within QuickBooks' limits."""

    contact = OneLine(label="Contact", longest=500)
    issue_date = BookedDay(label="Invoice date")
    due_date = Day(
        label="Due date", required=False, help_text="Left empty, it follows from the terms."
    )
    terms = OneLine(label="Terms", longest=TERMS)
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$",
        label="Currency",
        error_messages={
            "invalid": "Write the currency as three letters, such as USD.",
            "required": "Write the currency as three letters, such as USD.",
        },
    )
    discount_kind = forms.ChoiceField(
        label="Discount in", choices=[(AMOUNT, "Amount"), (PERCENT, "Percent")]
    )
    discount_value = Figure(
        label="Discount",
        example="a discount such as 10 or 12.50",
        highest=HIGHEST_DISCOUNT,
        decimals=4,
    )
    memo = ManyLines(
        label="Message to the customer",
        longest=MEMO,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Printed on the invoice.",
    )
    private_note = ManyLines(
        label="Private note",
        longest=PRIVATE_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never shown to the customer.",
    )

    entered_as = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, invoice: Invoice | None = None, check: bool = True, **kwargs: Any
    ) -> None:
        self.check = check
        self.due_follows = False
        super().__init__(*args, record=_Opened(invoice) if invoice else None, **kwargs)
        self.fields["contact"].widget.attrs |= {
            "list": "contact-choices",
            "autocomplete": "off",
            "hx-get": reverse_lazy("contact_choices"),
            "hx-trigger": "focus, input changed delay:150ms",
            "hx-target": "#contact-choices",
            "hx-sync": "this:replace",
        }
        # It may be left empty for a new contact below, but optional it is not.
        contact = self.fields["contact"]
        contact.template_name = "records/field.html"  # type: ignore[attr-defined]
        self.fields["terms"].widget.attrs |= {"list": "terms-choices", "autocomplete": "off"}
        self.fields["currency"].widget.attrs |= {"maxlength": 3, "autocomplete": "off"}
        if invoice is not None:
            del self.fields["entered_as"]
        if invoice is not None and invoice.sent_at is not None:
            # Settled once others know the invoice by them.
            del self.fields["contact"]
            del self.fields["currency"]

    def full_clean(self) -> None:
        """Nothing is said about a page that only comes back with another line."""
        if self.check or not self.is_bound:
            super().full_clean()
        else:
            self._errors = ErrorDict()
            self.cleaned_data = {}

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, value = cleaned.get("discount_kind"), cleaned.get("discount_value")
        if kind == PERCENT and value is not None and value > 100:
            self.add_error("discount_value", "A discount is at most 100 percent.")
        elif kind == AMOUNT and value is not None and value != round(value, 2):
            self.add_error("discount_value", "An amount has at most two decimals.")
        issued, due = cleaned.get("issue_date"), cleaned.get("due_date")
        if issued and due is None and "due_date" not in self.errors:
            days = days_of_terms(cleaned.get("terms", ""))
            if days is not None:
                self.due_follows = True
                cleaned["due_date"] = due = issued + datetime.timedelta(days=days)
        if issued and due and due < issued and {"issue_date", "due_date"} & set(self.changed_data):
            self.add_error("due_date", "The due date is before the invoice date.")
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """What the person changed, by the names that the services know. After `is_valid()`."""
        changes = self.changes
        if self.due_follows and {"terms", "issue_date"} & changes.keys():
            changes["due_date"] = self.cleaned_data["due_date"]
        changes.pop("contact", None)
        touched = {"discount_kind", "discount_value"} & changes.keys()
        for name in ("discount_kind", "discount_value"):
            changes.pop(name, None)
        if touched:
            changes |= self.discount
        return changes

    @property
    def discount(self) -> dict[str, Any]:
        """The discount as the services know it."""
        value = self.cleaned_data.get("discount_value")
        if self.cleaned_data.get("discount_kind") == PERCENT and value is not None:
            return {"discount": Decimal(0), "discount_percent": value}
        return {"discount": value or Decimal(0), "discount_percent": None}


def days_of_terms(terms: str) -> int | None:
    """The days that terms such as `Net 30` give; None where they tell none."""
    if found := _DAYS.search(terms):
        return int(found[1])
    return 0 if _AT_ONCE.search(terms) else None
