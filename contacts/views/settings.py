from __future__ import annotations

from typing import cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.forms.people import ProfileForm
from contacts.models import User


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return redirect("settings_profile")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """A person's own name, and the ways to password and second factor."""
    person = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile was saved.")
        return redirect("settings_profile")
    second_factor = is_mfa_enabled(person)
    return render(
        request,
        "settings/profile.html",
        {"form": form, "second_factor": second_factor, "tab": "profile"},
    )
