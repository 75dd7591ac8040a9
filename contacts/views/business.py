from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.forms.business import BusinessForm
from contacts.models import Business
from contacts.views.permissions import admins_only


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def edit(request: HttpRequest) -> HttpResponse:
    business = Business.current()
    form = BusinessForm(request.POST or None, request.FILES or None, instance=business)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The business was saved.")
        return redirect("settings_business")
    return render(request, "settings/business.html", {"form": form, "tab": "business"})


@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo as it was uploaded; its type was read from its bytes then."""
    row = Business.objects.filter(pk=1).values_list("logo", "logo_type").first()
    if row is None or not row[1]:
        raise Http404("There is no logo.")
    response = HttpResponse(bytes(row[0] or b""), content_type=row[1])
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=60"
    return response
