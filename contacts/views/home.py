from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import charts, overview
from contacts.clock import today
from contacts.identity import identity
from contacts.models import Contact, Invoice, Payment

LATEST = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who owes what, what came in, and what arrived lately."""
    day = today()
    standings = overview.standings(day, identity().currency)
    wanted = request.GET.get("currency")
    shown = next(
        (s for s in standings if s.currency == wanted), standings[0] if standings else None
    )
    contacts = Contact.objects.filter(archived_at=None).order_by("-created_at", "-pk")[:LATEST]
    invoices = Invoice.objects.select_related("contact").order_by("-created_at", "-pk")[:LATEST]
    payments = (
        Payment.objects.filter(voided_at=None)
        .select_related("contact")
        .order_by("-created_at", "-pk")[:LATEST]
    )
    context: dict[str, Any] = {
        "standings": standings,
        "shown": shown,
        "due_soon": overview.due_soon(day),
        "contacts": contacts,
        "invoices": invoices,
        "payments": payments,
        "business": identity(),
    }
    if shown:
        labels = [(short, full) for _, short, full in overview.AGES]
        context |= {
            "age_chart": charts.age_chart(labels, shown.ages),
            "month_chart": charts.month_chart(shown.months),
        }
    return render(request, "home.html", context)
