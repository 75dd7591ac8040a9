"""The two people that a development installation starts with."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model

from crmsync.development import is_of_this_machine

# (address, password, role): for a site that only this machine reaches, and only with DEBUG on.
PEOPLE = (
    ("admin@example.com", "demo-admin-password", "admin"),
    ("staff@example.com", "demo-staff-password", "staff"),
)


def ensure_people() -> list[tuple[str, str, str]]:
    """Make the demo people where nobody is yet; returns those who can sign in as described.

    Nobody is made, and no password is told, for a site that others can reach: it is in this file.
    """
    if not (settings.DEBUG and is_of_this_machine(settings.SITE_URL)):
        return []
    users = get_user_model().objects
    if not users.exists():
        for email, password, role in PEOPLE:
            make = users.create_superuser if role == "admin" else users.create_user
            make(email, password)
    known = {user.email: user for user in users.filter(email__in=[person[0] for person in PEOPLE])}
    return [
        person
        for person in PEOPLE
        if person[0] in known and known[person[0]].check_password(person[1])
    ]
