"""The whole page of an invoice that is being written, whose parts are checked and saved as one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property

from contacts.clock import today
from contacts.forms.choosing import contact_of_text, text_of_contact
from contacts.forms.contacts import ContactForm
from contacts.forms.figures import figure
from contacts.forms.invoice_lines import LinesForm
from contacts.forms.invoices import AMOUNT, PERCENT, InvoiceForm
from contacts.models import Business, Contact, Invoice
from contacts.services.contacts import EmailTakenError
from contacts.services.invoicing import (
    NOTHING,
    AmountsError,
    InvoicingError,
    Line,
    Totals,
    lines_of_invoice,
    totals_of,
)


class InvoiceSheet:
    """The whole page: the invoice, its lines, and a contact that may be made with it.

    `edit` is the button of the lines that was pressed; then nothing is checked or saved.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        invoice: Invoice | None = None,
        contact: Contact | None = None,
    ) -> None:
        self.invoice = invoice
        self.business = Business.current()
        self.edit = str(data.get("edit", "")) if data is not None else ""
        self.bound = data is not None and not self.edit
        stored: Sequence[Line] = lines_of_invoice(invoice) if invoice else ()
        self.form = InvoiceForm(
            data, invoice=invoice, initial=self._initial(contact), check=self.bound
        )
        self.lines = LinesForm(data, stored, edit=self.edit)
        self.new_contact = ContactForm(
            data if self.bound and self._names_somebody(data) else None,
            prefix="new",
            initial=_typed(data) if self.edit else None,
        )
        self.contact: Contact | None = invoice.contact if invoice else contact

    @property
    def errors(self) -> bool:
        return bool(
            self.bound and (self.form.errors or self.lines.has_errors or self.new_contact.errors)
        )

    def is_valid(self) -> bool:
        """Checks all parts, so that every mistake is told at once."""
        own_prices = self._currency() == self.business.currency
        parts = [
            self.form.is_valid(),
            self.lines.is_valid(own_prices=own_prices),
            self._contact_is_valid(),
        ]
        return all(parts)

    def refuse(self, error: InvoicingError) -> None:
        """Say why the service would not have it."""
        self.form.add_error(None, str(error))

    def refuse_taken(self, error: EmailTakenError) -> None:
        """Say whose address the new contact's is."""
        self.new_contact.refuse_taken(error)

    @cached_property
    def preview(self) -> Totals | None:
        """What the page comes to as it stands; None while something hinders that."""
        kind, value = self._shown("discount_kind"), figure(self._shown("discount_value"))
        amounts = [form.amount for form in self.lines.forms]
        try:
            if kind == PERCENT and value is not None:
                return totals_of(amounts, discount_percent=value)
            return totals_of(amounts, discount=value or NOTHING)
        except AmountsError:
            return None

    @property
    def changes(self) -> dict[str, Any]:
        """For `update_invoice`; the lines only where somebody touched them."""
        changes = self.form.values
        if self.lines.changed:
            changes["lines"] = self.lines.lines
        if "contact" in self.form.changed_data and self.contact is not None:
            changes["contact"] = self.contact
        return changes

    def outcome(self, changed: frozenset[str]) -> str:
        """What to tell the person who saved."""
        shown = {"discount_value"} if {"discount", "discount_percent"} & changed else set()
        said = self.form.outcome(frozenset(changed | shown) - {"discount", "subtotal", "total"})
        if "lines" not in changed:
            return said
        lines = (
            "The lines were replaced; they had been changed by someone else while you were "
            "editing, and the history keeps those."
            if self.lines.changed_meanwhile
            else "The lines were saved."
        )
        return lines if said == "Nothing was changed." else f"{said} {lines}"

    @property
    def typed_contact(self) -> str:
        """What stands in the contact field, to suggest who may be meant."""
        return self._shown("contact") if "contact" in self.form.fields else ""

    def _shown(self, name: str) -> str:
        value = self.form[name].value()
        return "" if value is None else str(value)

    @property
    def names_somebody(self) -> bool:
        """Whether a new contact was begun, so that the page shows its fields."""
        return self.new_contact.is_bound or self._names_somebody(self.new_contact.initial, "")

    def _names_somebody(self, data: Mapping[str, Any] | None, prefix: str = "new-") -> bool:
        names = ("first_name", "last_name", "company", "email", "phone")
        return any(str((data or {}).get(f"{prefix}{name}", "")).strip() for name in names)

    def _initial(self, contact: Contact | None) -> dict[str, Any]:
        if self.invoice is not None:
            return {}
        days = self.business.payment_days
        return {
            "contact": text_of_contact(contact) if contact else "",
            "issue_date": today(),
            "due_date": today() + datetime.timedelta(days=days),
            "terms": f"Net {days}" if days else "Due on receipt",
            "currency": self.business.currency,
            "discount_kind": AMOUNT,
        }

    def _currency(self) -> str:
        if self.invoice is not None and self.invoice.sent_at is not None:
            return self.invoice.currency
        return str(self.form.data.get("currency", "")).strip().upper()

    def _contact_is_valid(self) -> bool:
        """A new contact wins over an empty field; both at once is a question."""
        if "contact" not in self.form.fields:
            return True
        text = self.form.cleaned_data.get("contact", "") if self.form.is_bound else ""
        chosen = text and (self.invoice is None or "contact" in self.form.changed_data)
        if self.new_contact.is_bound:
            if not self.new_contact.is_valid():
                return False
            if chosen:
                self.form.add_error(
                    "contact", "Choose a contact or add a new one, not both. Clear one of the two."
                )
                return False
            return True
        if not text:
            self.form.add_error("contact", "Choose a contact, or add a new one below.")
            return False
        if chosen:
            try:
                self.contact = contact_of_text(text)
            except forms.ValidationError as error:
                self.form.add_error("contact", error)
                return False
        return True


def _typed(data: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was typed of a new contact, for a page that comes back without having been checked."""
    return {name.removeprefix("new-"): value for name, value in (data or {}).items()}
