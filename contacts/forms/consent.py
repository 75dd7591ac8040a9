"""What is asked before a person changes what addresses may get (R8)."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.forms.changes import OneLine
from contacts.models import MarketingStatus

_REASON = 500


class OptInForm(forms.Form):
    """Why, and for who has unsubscribed that they asked to be mailed again."""

    reason = OneLine(
        label="Reason",
        longest=_REASON,
        required=True,
        help_text="How they agreed, for example “Signed the form at the fair on 12 May”. "
        "Kept for good, with your name.",
    )

    def __init__(self, *args: Any, status: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unsubscribed = status == MarketingStatus.UNSUBSCRIBED
        if self.unsubscribed:
            self.fields["asked_again"] = forms.BooleanField(
                label="They asked to get our mail again",
                error_messages={
                    "required": "This address unsubscribed. Say that its holder asked for mail "
                    "again, or leave it as it is."
                },
            )


class UnsubscribeForm(forms.Form):
    """How the wish reached us."""

    reason = OneLine(
        label="Reason",
        longest=_REASON,
        help_text="How they said so, for example “Called on Monday”. Kept for good, with your "
        "name.",
    )
