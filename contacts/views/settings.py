from __future__ import annotations

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
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile was saved.")
        return redirect("settings_profile")
    second_factor = person.authenticator_set.filter(type="totp").exists()
    return render(
        request,
        "settings/profile.html",
        {"form": form, "second_factor": second_factor, "tab": "profile"},
    )
