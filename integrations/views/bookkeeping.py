"""Where invoices made here are booked, as an admin chooses (R12)."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.models import ProductType
from integrations import assignments
from integrations import bookkeeping as books
from integrations.models import Connection, ItemLink
from integrations.permissions import admin_required

#: Products that the list offers; a list of thousands helps nobody choose.
OFFERED: Final = 300


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def bookkeeping(request: HttpRequest) -> HttpResponse:
    """Choose the income account, the product for free-text lines, and what the company sorts its
    sales by; on POST keep all."""
    live = Connection.objects.live().first()
    if live is None:
        messages.info(request, "QuickBooks is not connected.")
        return redirect("integrations:home")
    if request.method == "POST":
        try:
            books.choose(
                live,
                account_id=request.POST.get("account", ""),
                fallback_id=request.POST.get("fallback", ""),
                assigned=request.POST.dict(),
            )
        except books.NotOffered as exc:
            messages.error(request, str(exc))
        else:
            messages.success(request, "Saved. What waited for it is being sent.")
        return redirect("integrations:home")
    products = list(_offered(live)[: OFFERED + 1])
    return render(
        request,
        "integrations/bookkeeping.html",
        {
            "connection": live,
            "accounts": books.accounts_of(live),
            "products": products[:OFFERED],
            "more": len(products) > OFFERED,
            "choices": assignments.choices(live),
        },
    )


def _offered(connection: Connection) -> QuerySet[ItemLink]:
    """The chosen one first, so that the list always has it; services before the rest."""
    chosen = When(external_id=connection.fallback_item_id, then=Value(0))
    service = When(product__type=ProductType.SERVICE, then=Value(1))
    return (
        books.fallback_products(connection)
        .defer("snapshot")
        .order_by(Case(chosen, service, default=Value(2)), Lower("product__full_name"), "pk")
    )
