from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from contacts.models import User


def person_of(request: HttpRequest) -> User:
    """Who is asking. Every page but the marked public ones has one; PermissionDenied without."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
