"""Who may see a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from contacts.models import User

View = Callable[..., HttpResponseBase]


def is_admin(request: HttpRequest) -> bool:
    """Whether an admin is signed in; no is the answer for everyone not known to be one."""
    user = request.user
    return isinstance(user, User) and user.is_active and user.is_admin


def admins_only(view: View) -> View:
    """Answers 403 to everybody who is not an admin."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_admin(request):
            raise PermissionDenied("Only admins may open this page.")
        return view(request, *args, **kwargs)

    return checked
