"""Row locks in the one order that everybody keeps: contacts, payments, invoices; a record before
its link.

Whoever saves or merges a contact holds its row when it comes to the contact's links; a pull that
locked the links first would meet it in a deadlock. Nobody locks a row's key (`no_key`): a payment
that is being recorded has its invoice, and refers to its contact when it is committed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, Q, QuerySet

from contacts.any_of import IsAnyOf
from integrations.models import Link
from integrations.pulling.freshness import Versioned
from integrations.pulling.work import Work

L = TypeVar("L", bound=Link)
M = TypeVar("M", bound=Model)


def linked(
    work: Work, links: type[L], model: type[M], field: str, records: Collection[Versioned]
) -> tuple[dict[str, L], dict[int, M]]:
    """The links of these by external id, and what they link (`field`) by primary key."""
    mine = links._default_manager.filter(
        connection=work.connection, external_id__in=[record.external_id for record in records]
    )
    found = locked(model, mine.values(field))
    by_id = {link.external_id: link for link in mine.select_for_update(no_key=True).order_by("id")}
    late = {getattr(link, f"{field}_id") for link in by_id.values()} - found.keys()
    # Linked to another record between the two statements.
    return by_id, (found | locked(model, late)) if late else found


def locked(model: type[M], ids: Collection[int] | QuerySet[Any, Any]) -> dict[int, M]:
    """These rows by primary key, locked in its order; without what the database computes."""
    computed = [field.name for field in model._meta.concrete_fields if field.generated]
    these = IsAnyOf(F("pk"), ArraySubquery(ids)) if isinstance(ids, QuerySet) else Q(pk__in=ids)
    rows = model._default_manager.select_for_update(no_key=True).filter(these).order_by("pk")
    return {row.pk: row for row in rows.defer(*computed)}
