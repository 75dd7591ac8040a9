"""What a person writes to many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django import forms

from contacts.services.mailing.merge_fields import FieldError, marked
from contacts.services.mailing.text import Text

SUBJECT: Final = 200
BODY: Final = 50_000
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


class MailingForm(forms.Form):
    """Subject and message, with merge fields that exist."""

    subject = forms.CharField(
        label="Subject", max_length=SUBJECT, error_messages={"required": "Write a subject."}
    )
    body = forms.CharField(
        label="Message",
        max_length=BODY,
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": "Write a message."},
    )
    #: Drawn when the form is opened: sent twice, it makes one record.
    entered_as = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_subject(self) -> str:
        subject = " ".join(str(self.cleaned_data["subject"]).split())
        try:
            marked(subject)
        except FieldError as error:
            raise forms.ValidationError(str(error)) from error
        return subject

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\r", "\n")
        try:
            Text.of("", body)
        except FieldError as error:
            raise forms.ValidationError(str(error)) from error
        return body


class StepForm(MailingForm):
    """A step of the sequence: the message, and how long after the one before."""

    number = forms.IntegerField(label="Goes after", min_value=0, max_value=999, initial=2)
    unit = forms.ChoiceField(
        label="Unit", choices=[("days", "days"), ("hours", "hours")], initial="days"
    )

    @property
    def delay(self) -> timedelta:
        number: int = self.cleaned_data["number"]
        return number * (_DAY if self.cleaned_data["unit"] == "days" else _HOUR)

    @staticmethod
    def initial_of(delay: timedelta) -> dict[str, Any]:
        """The delay as the form shows it: in days where it is so many days."""
        if delay % _DAY:
            return {"number": delay // _HOUR, "unit": "hours"}
        return {"number": delay // _DAY, "unit": "days"}
