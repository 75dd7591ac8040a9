"""Who may touch the connection: admins, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from contacts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def is_admin(request: HttpRequest) -> bool:
    """Whether an admin is signed in; no is the answer for everyone not known to be one."""
    user = request.user
    return isinstance(user, User) and user.is_active and user.is_admin


def admin_required(view: View[P]) -> View[P]:
    """Answer 403 to everyone but admins. (Who is not signed in was sent to sign in before.)"""

    @wraps(view)
    def for_admins(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_admin(request):
            raise PermissionDenied("Only admins may change the connection to QuickBooks.")
        return view(request, *args, **kwargs)

    return cast(View[P], for_admins)


def signed_in(request: HttpRequest) -> User:
    """The person who makes this request. Raises PermissionDenied where nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user
