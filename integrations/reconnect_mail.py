"""The mail that tells admins that QuickBooks has to be connected again (R21)."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django_q.tasks import async_task

from contacts.models import User
from contacts.services import mail
from integrations.models import Connection

_PAGE = "/settings/integrations/quickbooks/reconnect/"


def enqueue(connection_id: int) -> None:
    """Have each admin written to; inside a transaction, only if it commits."""
    admins = User.objects.filter(Q(role=User.Role.ADMIN) | Q(is_superuser=True), is_active=True)
    for pk in admins.values_list("pk", flat=True):
        async_task("integrations.reconnect_mail.send", connection_id, pk)


def send(connection_id: int, user_id: int) -> None:
    """Write to one admin, unless somebody connected or disconnected meanwhile.

    Raises what the mail server's library raises; the queue then tries again.
    """
    waiting = Connection.objects.filter(status=Connection.Status.RECONNECT_NEEDED)
    connection = waiting.filter(pk=connection_id).first()
    admin = User.objects.filter(pk=user_id, is_active=True).first()
    if connection is None or not connection.at_home or admin is None or not admin.is_admin:
        return
    mail.send(
        admin.email,
        f"QuickBooks ({connection}) has to be connected again",
        "reconnect_needed",
        {"connection": connection, "admin": admin, "link": settings.SITE_URL + _PAGE},
    )
