from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from contacts.decimals import exact
from contacts.forms.changes import ChangesForm, ManyLines, OneLine
from contacts.forms.figures import Figure
from contacts.models import Product, ProductType
from contacts.services.products import NameTakenError

NAME = 100
SKU = 100
DESCRIPTION = 4000
HIGHEST_PRICE = Decimal(99_999_999_999)

#: The types that a product made here can have; the others are made in QuickBooks only (R12).
OWN_TYPES = [
    (ProductType.SERVICE.value, ProductType.SERVICE.label),
    (ProductType.NON_INVENTORY.value, ProductType.NON_INVENTORY.label),
]


class _Price(Figure):
    """A price within QuickBooks' limits."""

    def __init__(self) -> None:
        super().__init__(
            label="Price",
            example="the price as a number, such as 120 or 19.95",
            highest=HIGHEST_PRICE,
            decimals=7,
        )
        self.error_messages |= {
            "invalid": "Enter the price as a number, such as 120 or 19.95.",
            "min_value": "A price cannot be below zero.",
            "max_value": "QuickBooks holds prices up to 99,999,999,999.",
            "max_decimal_places": "A price can have at most 7 decimals in QuickBooks.",
        }


class ProductForm(ChangesForm):
    """A product's synced fields (R11) within QuickBooks' limits.

    The type is offered only while nothing outside holds the product: `type_fixed` leaves it out.
    """

    name = OneLine(label="Name", longest=NAME, required=True)
    sku = OneLine(label="SKU", longest=SKU)
    type = forms.ChoiceField(label="Type", choices=OWN_TYPES)
    unit_price = _Price()
    description = ManyLines(
        label="Description", longest=DESCRIPTION, widget=forms.Textarea(attrs={"rows": 4})
    )
    taxable = forms.BooleanField(
        label="Taxable", required=False, help_text="Whether QuickBooks charges sales tax on it."
    )
    active = forms.BooleanField(
        label="Active",
        required=False,
        initial=True,
        help_text="An inactive product is not offered on new invoices, here and in QuickBooks.",
    )

    def __init__(self, *args: Any, type_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is None:
            # A new product is active; the question is only worth asking later.
            del self.fields["active"]
        elif type_fixed:
            del self.fields["type"]
        price = self.initial.get("unit_price")
        if isinstance(price, Decimal):
            self.initial["unit_price"] = exact(price)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if ":" in name:
            raise forms.ValidationError(
                "A name cannot contain a colon: QuickBooks separates categories with it."
            )
        return name

    def refuse_taken(self, error: NameTakenError) -> None:
        """Say which product has the name, with a way to it."""
        page = reverse("product", args=[error.holder.pk])
        self.add_error(
            "name",
            format_html('<a href="{}">{}</a> has this name already.', page, error.holder),
        )


def type_is_fixed(product: Product, *, known_elsewhere: bool) -> bool:
    """The type is settled once another system holds the product or we do not make that type."""
    return known_elsewhere or product.type not in dict(OWN_TYPES)
