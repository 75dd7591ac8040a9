"""Who may sign in: invite, change roles, deactivate. There is always an admin left."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from contacts.models import User
from contacts.services import mail


class LastAdminError(Exception):
    """The change would leave nobody who can configure the installation."""

    def __init__(self) -> None:
        super().__init__(
            "This is the last admin. Make somebody else an admin first, so that someone can "
            "still manage connections and people."
        )


class AlreadyHereError(Exception):
    """Another admin was faster."""

    def __init__(self) -> None:
        super().__init__("Somebody with this address is already here.")


class InvitationNotSentError(Exception):
    """The person is added, but the mail server did not take the invitation."""

    def __init__(self, person: User) -> None:
        super().__init__(
            f"{person.email} was added, but the invitation could not be sent. Check the mail "
            "settings of this installation, then send it again."
        )


def invite(
    email: str, role: str, invited_by: User, first_name: str = "", last_name: str = ""
) -> User:
    """Add a person who sets a password through the mailed link.

    Raises InvitationNotSentError, and AlreadyHereError for an address that somebody has.
    """
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                email=email, password=None, role=role, first_name=first_name, last_name=last_name
            )
    except IntegrityError as error:
        raise AlreadyHereError from error
    send_invitation(person, invited_by)
    return person


def send_invitation(person: User, invited_by: User) -> None:
    """Mail the link to set a password; it ends with its first use or after the time-out."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    path = reverse("account_reset_password_from_key", args=["UID", "KEY"])
    try:
        mail.send(
            person.email,
            f"{invited_by} invites you to crmsync",
            "invitation",
            {
                "person": person,
                "invited_by": invited_by,
                "link": settings.SITE_URL + path.replace("UID-KEY", key),
                "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
            },
        )
    except OSError as error:
        raise InvitationNotSentError(person) from error


def change(person: User, *, role: str, active: bool) -> None:
    """Set what a person may do. Raises LastAdminError; nothing is changed then.

    The admins' rows are locked first, so two admins cannot demote each other at once.
    """
    with transaction.atomic():
        admins = set(
            User.objects.select_for_update()
            .filter(Q(role=User.Role.ADMIN) | Q(is_superuser=True), is_active=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        stays_admin = active and role == User.Role.ADMIN
        if admins <= {person.pk} and person.pk in admins and not stays_admin:
            raise LastAdminError
        person.role = User.Role(role)
        person.is_active = active
        # `createsuperuser` made an admin of every kind; a role given here is the whole truth.
        person.is_superuser = person.is_superuser and stays_admin
        person.is_staff = person.is_staff and stays_admin
        person.save(update_fields=["role", "is_active", "is_superuser", "is_staff"])
    if not active:
        _sign_out_everywhere(person)


def _sign_out_everywhere(person: User) -> None:
    """End the person's sessions for good: whoever holds one is not back when the person is."""
    ended = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    Session.objects.filter(pk__in=ended).delete()


@receiver(user_logged_in)
def vouch_for_address(user: User, **_: Any) -> None:
    """The address somebody signs in with is theirs: an admin typed it, or they confirmed it.

    allauth would take an unconfirmed one for the new half of a change under way and drop it with
    the next change, which leaves the person without an address.
    """
    EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )
