from __future__ import annotations

from decimal import Decimal

from django.db.models import Case, DecimalField, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from contacts.models import Allocation, Invoice
from integrations.models import InvoiceLink
from integrations.pulling.work import Work

_MONEY = DecimalField(max_digits=20, decimal_places=2)


def reckon_credited(work: Work) -> None:
    """What lowered a balance besides payments is *credited in QuickBooks* (R18).

    The balance is always QuickBooks'; only this share of it is reckoned here. What had lowered
    that of an invoice that is void now is free again.
    """
    if not work.touched_invoices:
        return
    paid = (
        Allocation.objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    nothing = Value(Decimal(0), _MONEY)
    frozen = InvoiceLink.objects.filter(
        connection=work.connection,
        invoice__in=work.touched_invoices,
        frozen_at__isnull=False,
    )
    lowered = F("total") - F("balance") - Coalesce(Subquery(paid, _MONEY), nothing)
    Invoice.objects.filter(pk__in=work.touched_invoices).exclude(
        pk__in=frozen.values("invoice")
    ).update(credited=Case(When(voided_at=None, then=Greatest(lowered, nothing)), default=nothing))
    work.touched_invoices.clear()
