from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from contacts.clock import today
from contacts.forms.changes import ChangesForm, ManyLines, OneLine
from contacts.forms.figures import Figure, plain
from contacts.forms.invoices import BookedDay
from contacts.models import Invoice, Payment
from contacts.services.payments import PaymentError

METHOD = 31
REFERENCE = 21
NOTE = 3900
HIGHEST_AMOUNT = Decimal("9999999999.99")
USUAL_METHODS = ("Bank transfer", "Card", "Cash", "Check", "Direct debit")


class PaymentForm(ChangesForm):
    """Money received, and which of the customer's invoices it pays (R18).

    With one invoice and no payment yet all of it is for that one; otherwise every invoice has a
    field for its part. `shares` are the parts of a payment that exists.
    """

    amount = Figure(
        label="Amount received",
        example="an amount such as 120 or 19.95",
        lowest=Decimal("0.01"),
        highest=HIGHEST_AMOUNT,
        required=True,
    )
    date = BookedDay(label="Date received")
    method = OneLine(label="Method", longest=METHOD)
    reference = OneLine(
        label="Reference", longest=REFERENCE, help_text="Such as the number of the check."
    )
    note = ManyLines(label="Note", longest=NOTE, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self,
        *args: Any,
        invoices: Sequence[Invoice],
        payment: Payment | None = None,
        shares: Mapping[int, Decimal] | None = None,
        whole: Invoice | None = None,
        **kwargs: Any,
    ) -> None:
        self.invoices = list(invoices)
        self.whole = whole
        self.offers_more = False
        super().__init__(*args, record=payment, **kwargs)
        if payment is None:
            self.initial.setdefault("date", today())
        self.initial["amount"] = plain(self.initial.get("amount"), 2)
        self.fields["method"].widget.attrs |= {"list": "method-choices", "autocomplete": "off"}
        if whole is None:
            for invoice in self.invoices:
                part = Figure(
                    label=f"For {invoice}",
                    example="an amount such as 120 or 19.95",
                    highest=HIGHEST_AMOUNT,
                    show_hidden_initial=payment is not None,
                )
                part.widget.attrs["aria-label"] = f"Amount for {invoice}"
                self.fields[self._name(invoice)] = part
                self.initial[self._name(invoice)] = plain((shares or {}).get(invoice.pk), 2)
        self.fields["more_than_owed"] = forms.BooleanField(
            label="Record it all the same", required=False
        )
        self.fields["entered_as"] = forms.UUIDField(
            required=False, initial=uuid.uuid4, widget=forms.HiddenInput
        )

    @property
    def parts(self) -> list[tuple[Invoice, forms.BoundField]]:
        """The invoices with the field for what each gets."""
        if self.whole is not None:
            return []
        return [(invoice, self[self._name(invoice)]) for invoice in self.invoices]

    @property
    def allocations(self) -> dict[Invoice, Decimal]:
        """What each invoice gets; where nothing is said, the oldest debts are paid first."""
        amount: Decimal = self.cleaned_data["amount"]
        if self.whole is not None:
            return {self.whole: amount}
        typed = {
            invoice: self.cleaned_data.get(self._name(invoice)) or Decimal(0)
            for invoice in self.invoices
        }
        if any(typed.values()) or self.record is not None:
            return {invoice: part for invoice, part in typed.items() if part}
        divided: dict[Invoice, Decimal] = {}
        for invoice in self.invoices:
            part = min(amount, invoice.balance)
            if part > 0:
                divided[invoice] = part
                amount -= part
        return divided

    @property
    def values(self) -> dict[str, Any]:
        """What the person changed, for `update_payment`; the parts as one unit."""
        changes = self.changes
        parts = {self._name(invoice) for invoice in self.invoices}
        kept = {name: value for name, value in changes.items() if name in self.base_fields}
        return kept | ({"allocations": self.allocations} if parts & changes.keys() else {})

    def refuse(self, error: PaymentError, *, can_insist: bool = False) -> None:
        """Say why not; with `can_insist` also how to record it nevertheless."""
        self.offers_more = can_insist
        self.add_error(None, str(error))

    @staticmethod
    def _name(invoice: Invoice) -> str:
        return f"part_{invoice.pk}"
