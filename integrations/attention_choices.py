"""The records that an item is about: to choose among, or to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse

from contacts.display.dates import short_date
from contacts.models import Allocation, Contact, Invoice, Payment, Product, RecordKind
from integrations.already_paid import paid_there
from integrations.models import Attention, Cause
from integrations.pushing.outcome import Held


@dataclass(frozen=True, slots=True)
class Choice:
    """One record: its name, a line of facts, and its page."""

    pk: int
    name: str
    facts: str
    url: str


def choices_of(items: Sequence[Attention]) -> dict[int, list[Choice]]:
    """The records of each item, by the item's id. At most five queries."""
    contacts = _contacts({pk for item in items for pk in _contact_ids(item)})
    products = _products({pk for item in items for pk in _product_ids(item)})
    invoices = _invoices({pk for item in items for pk in _subject(item, RecordKind.INVOICE)})
    payments = _payments({pk for item in items for pk in _subject(item, RecordKind.PAYMENT)})
    there = paid_there({pk for item in items for pk in _paid_already(item)})
    found = {}
    for item in items:
        chosen = [contacts[pk] for pk in _contact_ids(item) if pk in contacts]
        chosen += [products[pk] for pk in _product_ids(item) if pk in products]
        chosen += [invoices[pk] for pk in _subject(item, RecordKind.INVOICE) if pk in invoices]
        chosen += [payments[pk] for pk in _subject(item, RecordKind.PAYMENT) if pk in payments]
        chosen += [_there(share) for pk in _paid_already(item) for share in there.get(pk, [])]
        found[item.pk] = chosen
    return found


def _invoices(ids: set[int]) -> dict[int, Choice]:
    found = Invoice.objects.filter(pk__in=ids).select_related("contact") if ids else []
    return {
        invoice.pk: Choice(
            invoice.pk, str(invoice), str(invoice.contact), reverse("invoice", args=[invoice.pk])
        )
        for invoice in found
    }


def _payments(ids: set[int]) -> dict[int, Choice]:
    found = Payment.objects.filter(pk__in=ids).select_related("contact") if ids else []
    return {
        payment.pk: Choice(
            payment.pk,
            str(payment),
            f"of {short_date(payment.date)} from {payment.contact}, recorded here",
            payment.get_absolute_url(),
        )
        for payment in found
    }


def _paid_already(item: Attention) -> list[int]:
    """The invoice that QuickBooks has a payment on already (R18)."""
    if item.cause != Cause.PUSH_HELD or item.facts.get("why") != Held.ALREADY_PAID:
        return []
    invoice = item.facts.get("invoice")
    return [invoice] if isinstance(invoice, int) else []


def _there(share: Allocation) -> Choice:
    payment = share.payment
    return Choice(
        payment.pk,
        f"Payment of {payment.amount:,.2f} {payment.currency}",
        f"of {short_date(payment.date)} in QuickBooks, {share.amount:,.2f} of it on this invoice",
        payment.get_absolute_url(),
    )


def _contact_ids(item: Attention) -> list[int]:
    if item.cause == Cause.MERGE_CONTACTS:
        return [pk for pk in (item.facts.get("contact"), item.facts.get("other")) if pk]
    return _subject(item, RecordKind.CONTACT)


def _product_ids(item: Attention) -> list[int]:
    if item.cause == Cause.PRODUCT_MATCH:
        return list(item.facts.get("products") or [])
    return _subject(item, RecordKind.PRODUCT)


def _subject(item: Attention, kind: RecordKind) -> list[int]:
    if item.cause not in {Cause.PUSH_HELD, Cause.NOT_TAKEN, Cause.OTHER_TOTAL}:
        return []
    # Only invoices have a total.
    about = item.facts.get("kind") or RecordKind.INVOICE
    record = item.facts.get("record")
    return [record] if record is not None and about == kind else []


def _contacts(ids: set[int]) -> dict[int, Choice]:
    if not ids:
        return {}
    found: QuerySet[Contact] = Contact.objects.filter(pk__in=ids).annotate(
        invoice_count=Count("invoices")
    )
    return {contact.pk: _contact(contact) for contact in found}


def _contact(contact: Contact) -> Choice:
    number: int = getattr(contact, "invoice_count", 0)
    facts = [contact.email or "no address", contact.company, contact.phone, contact.city]
    invoices = f"{number} invoice{'' if number == 1 else 's'}"
    line = " · ".join([*(fact for fact in facts if fact), invoices])
    return Choice(contact.pk, str(contact), line, reverse("contact", args=[contact.pk]))


def _products(ids: set[int]) -> dict[int, Choice]:
    if not ids:
        return {}
    return {product.pk: _product(product) for product in Product.objects.filter(pk__in=ids)}


def _product(product: Product) -> Choice:
    facts = [f"SKU {product.sku}" if product.sku else "", product.get_type_display()]
    line = " · ".join(fact for fact in facts if fact)
    return Choice(product.pk, str(product), line, reverse("product", args=[product.pk]))
