"""What a person does to a product. Each function is one transaction, as in `services.contacts`."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone

from contacts.models import Origin, Product, ProductType, RecordKind, User
from contacts.services import history
from contacts.signals import record_changed


class ReadOnlyProductError(Exception):
    """A bundle is made and changed in QuickBooks only (R11)."""


class NameTakenError(Exception):
    """Another product has that name; QuickBooks keeps names unique as well."""

    def __init__(self, holder: Product) -> None:
        super().__init__(f"The name belongs to product {holder.pk} already.")
        self.holder = holder


def with_full_name(full_name: str) -> QuerySet[Product]:
    """Products of that full name (`Category:Name`), case-insensitively."""
    return Product.objects.filter(full_name__lower=Lower(Value(full_name)))


def create_product(fields: Mapping[str, object], *, by: User | None = None) -> Product:
    """A new product. NameTakenError when the name is in use, archived products included."""
    with transaction.atomic():
        product = Product(**fields)
        product.full_name = product.name
        _refuse_taken_name(product)
        product.save()
        history.record_changes(
            RecordKind.PRODUCT, product.pk, {history.CREATED: ("", product)}, Origin.CRM, by=by
        )
        filled = frozenset(
            field for field in Product.SYNCED_FIELDS if getattr(product, field) not in (None, "")
        )
        record_changed.send(Product, record=product, fields=filled, origin=Origin.CRM)
    return product


def update_product(
    product: Product, changes: Mapping[str, object], *, by: User | None = None, note: str = ""
) -> frozenset[str]:
    """Write `changes` and nothing else over the product as it is now; the names that changed.

    ReadOnlyProductError for a bundle, NameTakenError as in `create_product`.
    """
    with transaction.atomic():
        current = Product.objects.select_for_update().get(pk=product.pk)
        if current.type == ProductType.BUNDLE:
            raise ReadOnlyProductError("Bundles are changed in QuickBooks only.")
        changed = {
            field: (getattr(current, field), value)
            for field, value in changes.items()
            if getattr(current, field) != value
        }
        if not changed:
            return frozenset()
        for field, (_, value) in changed.items():
            setattr(current, field, value)
        fields = set(changed)
        if "name" in changed:
            category, colon, _ = current.full_name.rpartition(":")
            current.full_name = f"{category}{colon}{current.name}"
            fields.add("full_name")
            _refuse_taken_name(current)
        current.save(update_fields=[*fields, "updated_at"])
        history.record_changes(
            RecordKind.PRODUCT, current.pk, changed, Origin.CRM, by=by, note=note
        )
        record_changed.send(Product, record=current, fields=frozenset(fields), origin=Origin.CRM)
    return frozenset(fields)


def archive_product(product: Product, *, by: User | None = None) -> None:
    """Hide it from lists and choices; nothing changes on the other side (R22). Repeatable."""
    _set_archived(product, True, by)


def unarchive_product(product: Product, *, by: User | None = None) -> None:
    """Bring an archived product back. Repeatable."""
    _set_archived(product, False, by)


def _refuse_taken_name(product: Product) -> None:
    holder = with_full_name(product.full_name).exclude(pk=product.pk).first()
    if holder is not None:
        raise NameTakenError(holder)


def _set_archived(product: Product, archived: bool, by: User | None) -> None:
    with transaction.atomic():
        moved = Product.objects.filter(pk=product.pk, archived_at__isnull=archived).update(
            archived_at=timezone.now() if archived else None
        )
        if moved:
            history.record_changes(
                RecordKind.PRODUCT,
                product.pk,
                {history.ARCHIVED: (not archived, archived)},
                Origin.CRM,
                by=by,
            )
