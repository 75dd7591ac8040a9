"""What has served its time and goes: heard events, failed tasks, sessions that ran out."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import Failure

from integrations import webhook_intake

FAILURES_KEPT: Final = timedelta(days=30)
"""How long the queue's note of a failed task is kept; of those that went well it keeps a few."""


def tidy() -> None:
    """Delete what nobody needs any more. Idempotent; a few statements that mostly find nothing."""
    now = timezone.now()
    webhook_intake.forget_old()
    Failure.objects.filter(stopped__lt=now - FAILURES_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
