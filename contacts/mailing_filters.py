"""What the lists of broadcasts and of their recipients can be narrowed to."""

from __future__ import annotations

from typing import ClassVar

import django_filters

from contacts.models import Delivery, Mailing


class BroadcastFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(field_name="subject", lookup_expr="icontains", label="Search")
    status = django_filters.ChoiceFilter(
        choices=Mailing.Status.choices, empty_label="Any", label="Status"
    )

    class Meta:
        model = Mailing
        fields: ClassVar[tuple[str, ...]] = ()


class RecipientFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(field_name="address", lookup_expr="icontains", label="Search")
    status = django_filters.ChoiceFilter(
        choices=Delivery.Status.choices, empty_label="Any", label="Status"
    )

    class Meta:
        model = Delivery
        fields: ClassVar[tuple[str, ...]] = ()
