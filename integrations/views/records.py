"""What the panel on a record's page can do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from integrations import links
from integrations.models import Connection, CustomerLink
from integrations.permissions import signed_in


@require_POST
def make_main(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the customer that gives and receives the contact's fields (R5). Repeatable."""
    link = get_object_or_404(
        CustomerLink, pk=pk, connection__in=Connection.objects.live(), gone_at=None
    )
    if not link.is_main:
        links.make_main(link, signed_in(request))
        messages.success(request, f"{link.display_name} is the main customer now.")
    return redirect("contact", pk=link.contact_id)
