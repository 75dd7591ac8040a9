from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.forms.people import AccessForm, InviteForm
from contacts.models import User
from contacts.services import people
from contacts.views.permissions import admins_only


@require_safe
@admins_only
def index(request: HttpRequest) -> HttpResponse:
    persons = User.objects.order_by("-is_active", Lower("email"))
    return render(request, "settings/people.html", {"people": persons, "tab": "people"})


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = people.invite(invited_by=cast(User, request.user), **form.cleaned_data)
        except (people.InvitationNotSentError, people.AlreadyHereError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"The invitation to {person.email} is on its way.")
        return redirect("settings_people")
    return render(request, "settings/person_invite.html", {"form": form, "tab": "people"})


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def change(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    role = User.Role.ADMIN if person.is_admin else User.Role.STAFF
    form = AccessForm(request.POST or None, initial={"role": role, "active": person.is_active})
    if request.method == "POST" and form.is_valid():
        try:
            people.change(person, **form.cleaned_data)
        except people.LastAdminError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Saved what {person} may do.")
            return redirect("settings_people")
    return render(
        request, "settings/person.html", {"form": form, "person": person, "tab": "people"}
    )


@require_POST
@admins_only
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk, is_active=True)
    try:
        people.send_invitation(person, cast(User, request.user))
    except people.InvitationNotSentError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"A new link to set a password is on its way to {person.email}.")
    return redirect("settings_people")
