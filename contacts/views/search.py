from __future__ import annotations

from typing import Any

from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.models import Contact, Invoice, Product
from contacts.searching import search as find

SHOWN = 8


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The first few contacts, products and invoices that hold every word of the question."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found: dict[str, Any] = {"contacts": [], "products": [], "invoices": []}
    if words:
        found = {
            "contacts": find(Contact.objects.all(), words).order_by(Lower("name"), "pk"),
            "products": find(Product.objects.all(), words).order_by(Lower("name"), "pk"),
            "invoices": find(Invoice.objects.select_related("contact"), words).order_by(
                "-issue_date", "-pk"
            ),
        }
    lists = {name: list(rows[: SHOWN + 1]) for name, rows in found.items()}
    context = {
        "search_text": words,
        "more": {name: len(rows) > SHOWN for name, rows in lists.items()},
        "nothing": not any(lists.values()),
        **{name: rows[:SHOWN] for name, rows in lists.items()},
    }
    return render(request, "search.html", context)
