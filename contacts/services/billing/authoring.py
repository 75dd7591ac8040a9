"""Writing invoices: drafts, later edits, copies. Each function is one transaction."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from contacts.clock import today
from contacts.models import Business, Contact, Invoice, Origin, RecordKind, User
from contacts.services import history
from contacts.services.billing.errors import (
    NotADraftError,
    NotEditableError,
    TotalBelowPaidError,
)
from contacts.services.billing.totals import (
    NOTHING,
    Line,
    as_text,
    lines_of,
    same,
    totals_of,
)
from contacts.services.billing.writing import announce, locked, stored_lines, write_lines

#: What a person may say about an invoice besides its lines and its discount.
FIELDS = ("contact", "issue_date", "due_date", "terms", "currency", "memo", "private_note")

#: Settled once the invoice is sent: other books and other people know it by these.
FIXED_ONCE_SENT = {"contact": "Who it is billed to", "currency": "Its currency"}

#: What a change of the sums comes from.
FIGURES = frozenset({"lines", "discount", "discount_percent"})

DELETED = "deleted"


def create_draft(
    contact: Contact,
    lines: Sequence[Line] = (),
    *,
    issue_date: datetime.date | None = None,
    due_date: datetime.date | None = None,
    terms: str = "",
    currency: str = "",
    discount: Decimal = NOTHING,
    discount_percent: Decimal | None = None,
    memo: str = "",
    private_note: str = "",
    by: User | None = None,
    note: str = "",
    entered_as: UUID | None = None,
) -> Invoice:
    """A draft without a number, announced to nobody (R15).

    Dated today, in the business's currency and due after its usual days where nothing is said.
    Entered twice under one `entered_as`, it is one draft (R16). AmountsError as in `totals_of`.
    """
    business = Business.current()
    issued = issue_date or today()
    totals = totals_of((line.amount for line in lines), discount, discount_percent)
    with transaction.atomic():
        invoice, is_new = Invoice.objects.get_or_create(
            entered_as=entered_as or uuid4(),
            defaults={
                "contact": contact,
                "issue_date": issued,
                "due_date": due_date or issued + datetime.timedelta(days=business.payment_days),
                "terms": terms,
                "currency": currency or business.currency,
                "subtotal": totals.subtotal,
                "discount": totals.discount,
                "discount_percent": discount_percent,
                "total": totals.total,
                "balance": totals.total,
                "memo": memo,
                "private_note": private_note,
            },
        )
        if not is_new:
            return invoice
        write_lines(invoice, lines)
        history.record_changes(
            RecordKind.INVOICE,
            invoice.pk,
            {history.CREATED: ("", "Draft")},
            Origin.CRM,
            by=by,
            note=note,
        )
    return invoice


def why_not_editable(invoice: Invoice) -> str:
    """The reason in a sentence, or nothing where the invoice may be edited here."""
    if invoice.voided_at is not None:
        return "A void invoice stays as it was."
    if invoice.origin != Origin.CRM:
        return "This invoice was made in QuickBooks and is changed there; payments can be recorded."
    return invoice.locked_reason


def update_invoice(
    invoice: Invoice,
    changes: Mapping[str, Any],
    *,
    by: User | None = None,
) -> frozenset[str]:
    """Write `changes` and nothing else over the invoice as it is now; the names that changed.

    `changes` holds names of FIELDS, "lines" (a list of Line, replaced as one unit), "discount" and
    "discount_percent" (None for an amount). The sums follow; a percentage follows the lines. An
    edit of a sent invoice is announced with exactly the names returned. NotEditableError where it
    is read-only here, AmountsError as in `totals_of`, TotalBelowPaidError.
    """
    with transaction.atomic():
        current = locked(invoice)
        changed = {
            name: (getattr(current, name), changes[name])
            for name in FIELDS
            if name in changes and getattr(current, name) != changes[name]
        }
        lines, refigured = _refigured(current, changes)
        changed |= refigured
        if not changed:
            return frozenset()
        _refuse_read_only(current, changed)
        if "total" in changed:
            _rebalance(current, *changed["total"])
        columns = [name for name in changed if name != "lines"]
        for name in columns:
            setattr(current, name, changed[name][1])
        current.save(update_fields=[*columns, "balance", "updated_at"])
        if "lines" in changed:
            write_lines(current, lines)
        history.record_changes(RecordKind.INVOICE, current.pk, changed, Origin.CRM, by=by)
        announce(current, frozenset(changed))
    return frozenset(changed)


def lines_of_invoice(invoice: Invoice) -> list[Line]:
    """Its lines as a person would write them."""
    return lines_of(stored_lines(invoice))


def delete_draft(invoice: Invoice, *, by: User | None = None) -> None:
    """Remove a draft; its history keeps that there was one. NotADraftError once it was sent.

    Repeatable: a draft that is gone already is no error.
    """
    with transaction.atomic():
        try:
            current = locked(invoice)
        except Invoice.DoesNotExist:
            return
        if current.sent_at is not None or current.voided_at is not None:
            raise NotADraftError
        what = f"Draft for {current.contact}, {current.total:,.2f} {current.currency}"
        history.record_changes(
            RecordKind.INVOICE, current.pk, {DELETED: (what, "")}, Origin.CRM, by=by
        )
        current.delete()


def copy_as_new(invoice: Invoice, *, by: User | None = None) -> Invoice:
    """A new draft of today with the same customer, lines, discount and text; no tax, no number."""
    days = (invoice.due_date - invoice.issue_date) if invoice.due_date else None
    return create_draft(
        invoice.contact,
        lines_of_invoice(invoice),
        due_date=today() + days if days is not None else None,
        terms=invoice.terms,
        currency=invoice.currency,
        discount=invoice.discount,
        discount_percent=invoice.discount_percent,
        memo=invoice.memo,
        by=by,
        note=f"Copied from {invoice}.",
    )


def _refigured(
    current: Invoice, changes: Mapping[str, Any]
) -> tuple[list[Line], dict[str, tuple[Any, Any]]]:
    """The lines as they shall be, and every figure that moves with lines and discount."""
    if not FIGURES & changes.keys():
        return [], {}
    rows = stored_lines(current)
    before = lines_of(rows)
    lines = list(changes.get("lines", before))
    relined = not same(before, lines)
    percent = changes.get("discount_percent", current.discount_percent)
    totals = totals_of(
        [each.amount for each in (lines if relined else rows)],
        changes.get("discount", current.discount),
        percent,
    )
    figures = {
        "discount_percent": percent,
        "subtotal": totals.subtotal,
        "discount": totals.discount,
        "total": totals.total + current.tax,
    }
    changed: dict[str, tuple[Any, Any]] = {
        name: (getattr(current, name), value)
        for name, value in figures.items()
        if getattr(current, name) != value
    }
    if relined:
        changed["lines"] = (as_text(before), as_text(lines))
    return lines, changed


def _refuse_read_only(current: Invoice, changed: Mapping[str, object]) -> None:
    reason = why_not_editable(current)
    if reason:
        raise NotEditableError(reason)
    if current.sent_at is None:
        return
    for name, label in FIXED_ONCE_SENT.items():
        if name in changed:
            raise NotEditableError(
                f"{label} cannot change once an invoice is sent. Void it and copy it as a new one."
            )


def _rebalance(current: Invoice, before: Decimal, total: Decimal) -> None:
    """What is owed moves with the total; what was paid or credited stays taken off."""
    settled = before - current.balance
    if settled > 0 and total < settled:
        raise TotalBelowPaidError(settled, total)
    current.balance = total - settled
