"""What an admin does to a connection from its card: sync now, pause, resume, take over."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import User
from integrations import attention, pulling
from integrations.models import Cause, Connection

logger = logging.getLogger(__name__)


class OtherEnvironment(Exception):
    """The connection was made with Intuit's other environment, whose keys these are not."""


def sync_now(connection: Connection) -> bool:
    """Ask for a pull at once; False while the connection cannot be used (R24)."""
    if not Connection.objects.working().filter(pk=connection.pk).exists():
        return False
    pulling.wake(connection.pk, at_once=True)
    return True


def pause(connection: Connection, by: User) -> bool:
    """Let nothing move in either direction until somebody resumes. Repeatable."""
    paused = (
        Connection.objects.live()
        .filter(pk=connection.pk, paused_at=None)
        .update(paused_at=timezone.now())
    )
    if paused:
        logger.info("Connection %s was paused by user %s", connection.pk, by.pk)
    return bool(paused)


def resume(connection: Connection, by: User) -> bool:
    """Go on, beginning with what was missed. Repeatable."""
    with transaction.atomic():
        resumed = (
            Connection.objects.live()
            .filter(pk=connection.pk, paused_at__isnull=False)
            .update(paused_at=None)
        )
        if resumed:
            pulling.wake(connection.pk, at_once=True)
            logger.info("Connection %s was resumed by user %s", connection.pk, by.pk)
    return bool(resumed)


def adopt(connection: Connection, by: User) -> None:
    """Make this address the connection's home (R21); from now on it uses the tokens here.

    Raises OtherEnvironment where the keys of this installation cannot be the connection's.
    """
    if connection.environment != settings.INTUIT_ENVIRONMENT:
        raise OtherEnvironment(
            f"The connection was made with Intuit's {connection.environment} environment; this "
            f"installation uses {settings.INTUIT_ENVIRONMENT}. Disconnect it here and connect anew."
        )
    with transaction.atomic():
        Connection.objects.live().filter(pk=connection.pk).update(site_url=settings.SITE_URL)
        attention.close_item(connection, Cause.COPIED_DATABASE)
        pulling.wake(connection.pk, at_once=True)
    logger.info("Connection %s was taken over by user %s", connection.pk, by.pk)
