from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import Failure

from integrations import tasks

pytestmark = pytest.mark.django_db


def failure(days):
    then = timezone.now() - timedelta(days=days)
    return Failure.objects.create(
        id=f"{days:032}",
        name=f"of {days} days",
        func="f",
        started=then,
        stopped=then,
        success=False,
    )


def test_the_tick_forgets_old_failures_and_sessions_that_ran_out(settings):
    settings.QUICKBOOKS_POLL_SECONDS = 60
    kept, now = failure(29), timezone.now()
    failure(31)
    for name, ends in (("over", -1), ("going-on", 1)):
        Session.objects.create(session_key=name, expire_date=now + timedelta(minutes=ends))

    tasks.tick()

    assert list(Failure.objects.values_list("pk", flat=True)) == [kept.pk]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going-on"]
