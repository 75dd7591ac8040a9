"""Who may touch the connection: admins, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from contacts.views.permissions import is_admin
from contacts.views.signed_in import person_of as signed_in

__all__ = ["admin_required", "is_admin", "signed_in"]

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def admin_required(view: View[P]) -> View[P]:
    """Answer 403 to everyone but admins. (Who is not signed in was sent to sign in before.)"""

    @wraps(view)
    def for_admins(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_admin(request):
            raise PermissionDenied("Only admins may change the connection to QuickBooks.")
        return view(request, *args, **kwargs)

    return cast(View[P], for_admins)
