"""Of what went wrong the place is told and kept, never the data it happened with."""

from __future__ import annotations

import io
import logging
import logging.config
import queue
import threading
import traceback

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone
from django_q.models import Failure
from django_q.monitor import monitor
from django_q.worker import worker

from contacts.models import Contact
from crmsync.logs import without_words

PRIVATE = "wilhelmina@example.com"


@login_not_required
def broken(request, word=""):
    try:
        raise KeyError(PRIVATE)
    except KeyError as error:
        raise ValueError(f"no such person: {PRIVATE}\nand {PRIVATE}") from error


urlpatterns = [path("broken/<str:word>/", broken)]


@pytest.fixture
def output(settings):
    """What the settings' own handlers write."""
    stream = io.StringIO()
    configured = settings.LOGGING["handlers"]["stdout"]
    formatter = settings.LOGGING["formatters"]["plain"]
    logging.config.dictConfig(
        {
            **settings.LOGGING,
            "handlers": {"stdout": configured | {"stream": stream}},
            "formatters": {"plain": formatter},
        }
    )
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def test_an_error_is_logged_with_its_place_and_without_its_words(output):
    with override_settings(ROOT_URLCONF="tests.platform.test_logs"):
        answer = Client(raise_request_exception=False).get("/broken/x/")

    assert answer.status_code == 500
    said = output.getvalue()
    assert PRIVATE not in said
    assert "in broken" in said
    assert [line for line in said.splitlines() if line in {"KeyError", "ValueError"}] == [
        "KeyError",
        "ValueError",
    ]


def test_the_address_of_what_was_refused_is_not_logged(output):
    assert Client().get("/confirm/a-secret-link/").status_code in {302, 404}
    assert Client().post("/webhooks/quickbooks/unknown-secret").status_code in {302, 404}

    assert "secret" not in output.getvalue()


@pytest.mark.django_db
def test_the_row_that_a_database_error_quotes_is_not_kept():
    Contact.objects.create(email=PRIVATE)
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        Contact.objects.create(email=PRIVATE)
    printed = "".join(traceback.format_exception(raised.value))
    assert PRIVATE in printed

    kept = without_words(printed)

    assert PRIVATE not in kept
    assert "psycopg2.errors.UniqueViolation" in kept
    assert "django.db.utils.IntegrityError" in kept


@pytest.mark.django_db(transaction=True)
def test_a_failed_task_keeps_the_place_of_the_failure_only(output):
    tasks, results, timer = queue.Queue(), queue.Queue(), Timer()
    task = {
        "id": "0" * 32,
        "name": "nine",
        "func": "tests.platform.test_logs.broken",
        "args": (1,),
        "kwargs": {},
        "started": timezone.now(),
    }
    tasks.put(task | {"sync": False})
    tasks.put("STOP")
    worker(tasks, results, timer, timeout=5)
    results.put("STOP")
    monitor(results, broker=object())

    failure = Failure.objects.get()
    assert PRIVATE not in f"{failure.result}{failure.args}{output.getvalue()}"
    assert "in broken" in failure.result
    assert "Failed 'tests.platform.test_logs.broken'" in output.getvalue()


class Timer:
    value = 0

    def get_lock(self):
        return threading.Lock()
