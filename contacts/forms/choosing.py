"""Choosing a contact or a product by typing: the text that stands for it, and back.

The pages suggest these texts while somebody types; without scripts the same text is typed whole,
or the page comes back with what it may have meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django import forms
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from contacts.models import Contact, Product, ProductType
from contacts.searching import search
from contacts.services.contacts import with_email

#: As many suggestions as a person looks through.
SUGGESTIONS = 12

_ADDRESS = re.compile(r"<?([^\s<>]+@[^\s<>]+)>?$")
_ID = re.compile(r"#(\d{1,18})$")


def text_of_contact(contact: Contact) -> str:
    """What stands for the contact in a field: its name and address, or its name and number."""
    name = str(contact)
    if not contact.email:
        return f"{name} #{contact.pk}"
    return contact.email if name == contact.email else f"{name} <{contact.email}>"


def contact_of_text(text: str) -> Contact:
    """The one contact that `text` stands for. ValidationError with what to do instead."""
    found = list(_meant(text)[:2])
    if not found:
        raise forms.ValidationError(
            f"No contact goes by “{text}”. Choose one from the suggestions, or add a new contact "
            "below.",
            code="unknown",
        )
    if len(found) > 1:
        raise forms.ValidationError(
            f"Several contacts go by “{text}”. Choose one from the suggestions, or type the "
            "email address.",
            code="ambiguous",
        )
    return found[0]


def suggested_contacts(text: str) -> list[Contact]:
    """Contacts that may be meant by what was typed so far; the newest ones before a word is."""
    contacts = Contact.objects.filter(archived_at=None).defer("words")
    if text:
        return list(search(contacts, text).order_by(Lower("name"), "pk")[:SUGGESTIONS])
    return list(contacts.order_by("-created_at", "-pk")[:SUGGESTIONS])


def suggested_products(text: str) -> list[Product]:
    """Products that can stand on an invoice and may be meant by what was typed so far."""
    products = sellable()
    if text:
        products = search(products, text)
    return list(products.order_by(Lower("name"), "pk")[:SUGGESTIONS])


def sellable() -> QuerySet[Product]:
    """Products that a new line can carry: bundles stay in QuickBooks (R11)."""
    return (
        Product.objects.filter(archived_at=None, active=True)
        .exclude(type=ProductType.BUNDLE)
        .defer("words")
    )


def products_of_texts(texts: Iterable[str]) -> dict[str, list[Product]]:
    """What each text stands for: full name, else SKU, else name; in one query."""
    wanted = {text.lower() for text in texts if text}
    if not wanted:
        return {}
    products = (
        Product.objects.annotate(
            by_full_name=Lower(F("full_name")), by_sku=Lower(F("sku")), by_name=Lower(F("name"))
        )
        .filter(Q(by_full_name__in=wanted) | Q(by_sku__in=wanted) | Q(by_name__in=wanted))
        .defer("words")
        .order_by("pk")
    )
    ways: list[dict[str, list[Product]]] = [{}, {}, {}]
    for product in products:
        for way, key in zip(ways, (product.full_name, product.sku, product.name), strict=True):
            way.setdefault(key.lower(), []).append(product)
    return {text: next((way[text] for way in ways if text in way), []) for text in wanted}


def _meant(text: str) -> QuerySet[Contact]:
    contacts = Contact.objects.defer("words")
    if numbered := _ID.search(text):
        return contacts.filter(pk=int(numbered[1]))
    if addressed := _ADDRESS.search(text):
        return with_email(addressed[1]).defer("words")
    return contacts.filter(name__lower=text.lower(), archived_at=None).order_by("pk")
