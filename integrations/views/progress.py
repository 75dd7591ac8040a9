"""The part of the card that moves while an import runs, and the run's CSV (R3)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from integrations.card import quickbooks_card
from integrations.models import Run
from integrations.permissions import is_admin
from integrations.summary_csv import summary_csv


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The bars as they stand. The answer asks for the next one only while the import runs."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("integrations:home")
    card = quickbooks_card()
    imported = card.imported
    said = request.GET.get("said", "")
    return render(
        request,
        "integrations/progress_answer.html",
        {
            "card": card,
            "is_admin": is_admin(request),
            # Said again only when it is something new: a screen reader reads each change aloud.
            "announcement": imported.announcement
            if imported and imported.announcement != said
            else "",
        },
    )


@require_safe
def run_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a run created, updated and skipped, with every value it replaced."""
    return summary_csv(get_object_or_404(Run, pk=pk))
