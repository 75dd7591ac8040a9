"""What is asked before an invoice is sent, paid or voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from contacts.clock import today
from contacts.forms.changes import OneLine
from contacts.forms.invoices import BookedDay
from contacts.forms.payments import METHOD, REFERENCE
from contacts.models import Contact, Payment

REASON = 500


class SendForm(forms.Form):
    """Whether the invoice goes out by mail as well; only offered where there is an address."""

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if contact.email:
            self.fields["email"] = forms.ChoiceField(
                label="How it reaches the customer",
                choices=[
                    ("yes", f"Email it to {contact.email}, with the invoice as a PDF"),
                    ("no", "I send it myself"),
                ],
                initial="yes",
                widget=forms.RadioSelect,
            )

    @property
    def wants_email(self) -> bool:
        return self.cleaned_data.get("email") == "yes"


class PaidForm(forms.Form):
    """When and how the rest came in."""

    date = BookedDay(label="Date received")
    method = OneLine(label="Method", longest=METHOD)
    reference = OneLine(label="Reference", longest=REFERENCE)

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, initial={"date": today()})
        self.fields["method"].widget.attrs |= {"list": "method-choices", "autocomplete": "off"}


class VoidForm(forms.Form):
    """The reason, and a yes to voiding the payments first where there are any."""

    reason = OneLine(label="Reason", longest=REASON, help_text="Kept with the record.")

    def __init__(self, *args: Any, payments: Sequence[Payment] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payments = payments
        if payments:
            several = len(payments) != 1
            self.fields["with_payments"] = forms.BooleanField(
                label=f"Void {'these payments' if several else 'this payment'} first",
                required=True,
                error_messages={
                    "required": f"{len(payments)} payment{'s' if several else ''} still "
                    f"appl{'y' if several else 'ies'} to this invoice. Say that "
                    f"{'they are' if several else 'it is'} voided first, or keep the invoice."
                },
            )
