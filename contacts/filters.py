"""What the lists can be narrowed to. Every filter is a query parameter, so a view can be kept."""

from __future__ import annotations

import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import (
    Contact,
    Invoice,
    InvoiceStatus,
    MarketingStatus,
    Origin,
    Product,
    ProductType,
)
from contacts.models.invoice import InvoiceQuerySet
from contacts.searching import Found, search_and_count

ARCHIVED = [("only", "Archived only"), ("all", "Archived too")]
YES_NO = [("yes", "Yes"), ("no", "No")]


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ListFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What all lists share: a search field that comes first and finds by words."""

    q = django_filters.CharFilter(method="by_words", label="Search")

    #: What the search came to, where one was asked for.
    found: Found[Any] | None = None

    def by_words(self, records: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        del name
        self.found = search_and_count(records, value)
        return self.found.records

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The search comes last: it looks, and counts, among what the other filters leave."""
        given = dict(self.form.cleaned_data)
        given["q"] = given.pop("q", "")
        for name, value in given.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset


class ArchiveFilter(ListFilter):
    """Archived records are out of sight until they are asked for."""

    archived = django_filters.ChoiceFilter(
        choices=ARCHIVED, empty_label="Not archived", label="Archived", method="by_archived"
    )

    def by_archived(self, records: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        del name
        return records.filter(archived_at__isnull=False) if value == "only" else records

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.form.cleaned_data.get("archived"):
            queryset = queryset.filter(archived_at=None)
        filtered: QuerySet[Any] = super().filter_queryset(queryset)
        return filtered


class ContactFilter(ArchiveFilter):
    marketing_status = django_filters.ChoiceFilter(
        choices=MarketingStatus.choices, empty_label="Any", label="Marketing"
    )
    origin = django_filters.ChoiceFilter(choices=Origin.choices, empty_label="Any", label="Made in")
    owes = django_filters.ChoiceFilter(
        choices=YES_NO, empty_label="Any", label="Open balance", method="by_balance"
    )

    class Meta:
        model = Contact
        fields: tuple[str, ...] = ()

    def by_balance(self, contacts: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        del name
        owes = Exists(Invoice.objects.owed().filter(contact=OuterRef("pk")))
        return contacts.filter(owes if value == "yes" else ~owes)


class ProductFilter(ArchiveFilter):
    type = django_filters.ChoiceFilter(choices=ProductType.choices, empty_label="Any", label="Type")
    active = django_filters.ChoiceFilter(
        choices=YES_NO, empty_label="Any", label="Active", method="by_active"
    )
    origin = django_filters.ChoiceFilter(choices=Origin.choices, empty_label="Any", label="Made in")

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def by_active(self, products: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        del name
        return products.filter(active=value == "yes")


class InvoiceFilter(ListFilter):
    """`today` is the date in the company's time zone on which an invoice is overdue or not."""

    status = django_filters.ChoiceFilter(
        choices=InvoiceStatus.choices, empty_label="Any", label="Status", method="by_status"
    )
    currency = django_filters.CharFilter(
        label="Currency",
        method="by_currency",
        max_length=3,
        widget=forms.TextInput(attrs={"size": 4, "placeholder": "USD"}),
    )
    issued_from = django_filters.DateFilter(
        field_name="issue_date", lookup_expr="gte", label="Issued from", widget=DayInput()
    )
    issued_to = django_filters.DateFilter(
        field_name="issue_date", lookup_expr="lte", label="Issued to", widget=DayInput()
    )
    contact = django_filters.NumberFilter(
        field_name="contact_id", label="Contact", widget=forms.HiddenInput()
    )

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def by_status(self, invoices: InvoiceQuerySet, name: str, value: str) -> InvoiceQuerySet:
        del name
        return invoices.with_status(value, self.today)

    def by_currency(self, invoices: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        del name
        return invoices.filter(currency=value.upper())
